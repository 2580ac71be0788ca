package io.millrace.embedded;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a PostgreSQL server again that has ended without being told to, or that does not answer
 * any more. It stays on its port, so that whoever uses it connects again.
 *
 * <p>A server that dies again and again is given up after {@value #TRIES} tries in a row.
 */
final class PostgresWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresWatch.class);
  private static final int TRIES = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
  private static final Duration HEALTHY = Duration.ofSeconds(60);

  private final EmbeddedPostgres server;
  private final Duration silence;
  private final Consumer<String> notice;
  private final Consumer<String> end;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private List<ProcessHandle> processes = List.of();
  private long started = System.nanoTime();
  private long heard = System.nanoTime();
  private int tries;

  /**
   * Watches from now on.
   *
   * @param silence how long a server that runs may leave connections unanswered
   * @param notice told why the server is started again
   * @param end told, once, why it is not
   */
  PostgresWatch(
      EmbeddedPostgres server, Duration silence, Consumer<String> notice, Consumer<String> end) {
    this.server = server;
    this.silence = silence;
    this.notice = notice;
    this.end = end;
    this.thread = Thread.ofPlatform().daemon().name("postgres-watch").start(this::run);
  }

  /** Ends the watch; a restart in progress is left off. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!isClosed()) {
        if (!server.process().waitFor(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
          look();
        } else if (!isClosed() && !startAgain(reason(server.process().exitValue()))) {
          return;
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the watch of PostgreSQL has ended");
    }
  }

  private void look() throws InterruptedException {
    // Of a dead server nobody knows any more which processes were its own.
    processes = server.process().descendants().toList();
    try {
      server.ping();
      heard = System.nanoTime();
    } catch (SQLException e) {
      long silent = System.nanoTime() - heard;
      if (silent > silence.toNanos() && !isClosed()) {
        LOG.error("PostgreSQL runs but does not answer; it is ended", e);
        server.process().destroyForcibly().waitFor();
      }
    }
  }

  /** Whether the server runs again. */
  private boolean startAgain(String reason) throws InterruptedException {
    if (System.nanoTime() - started > HEALTHY.toNanos()) {
      tries = 0;
    }
    String why = reason;
    while (tries < TRIES) {
      tries++;
      LOG.error("{}; starting it again, try {} of {}", why, tries, TRIES);
      notice.accept(why + "; starting it again");
      if (closed.await(
          FIRST_PAUSE.multipliedBy(1L << (tries - 1)).toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
      try {
        server.startAgain(processes);
        started = System.nanoTime();
        heard = started;
        return true;
      } catch (EmbeddedServerException e) {
        why = String.valueOf(e.getMessage());
        if (isClosed() || Thread.currentThread().isInterrupted()) {
          return false;
        }
      }
    }
    end.accept(why + "; given up after " + TRIES + " tries");
    return false;
  }

  private static String reason(int status) {
    return "PostgreSQL has ended by itself (status " + status + ")";
  }

  private boolean isClosed() {
    return closed.getCount() == 0 || PostgresProcess.isEnding();
  }
}
