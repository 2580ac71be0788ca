package io.millrace.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server on 127.0.0.1 that belongs to this process.
 *
 * <p>Data is kept in its directory between starts. A server that an earlier, killed process left
 * running there is stopped first. The superuser's password is made at the first start and lies in
 * the directory, readable by its owner only. The server's output goes to {@code postgres.log}.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final String USER = "millrace";
  private static final long MAX_LOG = 8 << 20;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final PostgresProcess programs;
  private final DirectoryLock lock;
  private final List<String> arguments;
  private final PostgresLogin login;
  private volatile Process server;
  private final Object watching = new Object();
  private @Nullable PostgresWatch watch;
  private boolean closed;

  private EmbeddedPostgres(
      PostgresProcess programs, DirectoryLock lock, List<String> arguments, PostgresLogin login) {
    this.programs = programs;
    this.lock = lock;
    this.arguments = arguments;
    this.server = programs.start("postgres", arguments);
    this.login = login;
  }

  /** Starts a server on any free port. */
  public static EmbeddedPostgres start(Path directory) {
    return start(directory, 0);
  }

  /**
   * Starts a server and returns when it answers.
   *
   * @param directory its own, made if it does not exist
   * @param port to listen on; 0: any free one
   * @throws EmbeddedServerException with a one-line reason: the port is busy, the directory is in
   *     use or cannot be written, the server ends at once
   */
  public static EmbeddedPostgres start(Path directory, int port) {
    return start(directory, port, Map.of());
  }

  /**
   * Starts a server with further settings of {@code postgresql.conf}.
   *
   * @param settings e.g. {@code ssl} = {@code on}
   */
  public static EmbeddedPostgres start(Path directory, int port, Map<String, String> settings) {
    Path absolute = directory.toAbsolutePath().normalize();
    return DirectoryLock.starting(
        "PostgreSQL", absolute, lock -> start(absolute, port, settings, lock));
  }

  /** Where JDBC connects, with user and password apart. */
  public String jdbcUrl(String database) {
    return login.jdbcUrl(database);
  }

  /** The superuser. */
  public String user() {
    return login.user();
  }

  /** The superuser's password. */
  public String password() {
    return login.password();
  }

  /** The server's port. */
  public int port() {
    return login.port();
  }

  /** Makes a database (UTF-8) unless it exists. */
  public void ensureDatabase(String name) {
    login.ensureDatabase(name);
  }

  /**
   * Starts the server again from now on when it has ended without {@link #close}, or runs but
   * leaves connections unanswered for half a minute. A server that was closed is not watched.
   *
   * @param notice told why it is started again
   * @param end told, once, why it is not: it died again and again
   */
  public void watch(Consumer<String> notice, Consumer<String> end) {
    watch(SILENCE, notice, end);
  }

  void watch(Duration silence, Consumer<String> notice, Consumer<String> end) {
    synchronized (watching) {
      // Whoever closes it may be faster than whoever has just started it.
      if (!closed) {
        watch = new PostgresWatch(this, silence, notice, end);
      }
    }
  }

  boolean isWatched() {
    synchronized (watching) {
      return watch != null;
    }
  }

  /**
   * Ends every program of PostgreSQL that this process has started, at once: for a process that is
   * about to end and cannot wait. What was committed is kept.
   */
  public static void killAll() {
    PostgresProcess.killAll();
  }

  /**
   * Stops the server: connections are cut, what was committed is kept. One that does not stop
   * within seconds, because it was paused for example, is killed; it recovers at its next start.
   */
  @Override
  public void close() {
    try {
      PostgresWatch last;
      synchronized (watching) {
        closed = true;
        last = watch;
      }
      if (last != null) {
        last.close();
      }
      stop();
    } finally {
      lock.close();
    }
  }

  /** The server as a process. */
  Process process() {
    return server;
  }

  /**
   * Connects once.
   *
   * @throws SQLException if nobody answers; a server that refuses does answer
   */
  void ping() throws SQLException {
    login.ping();
  }

  /**
   * Starts the server again that has ended. It does so itself once no process of the earlier one
   * uses its memory any more.
   *
   * @param left processes of the earlier one, which are killed
   * @throws EmbeddedServerException if it does not start
   */
  void startAgain(List<ProcessHandle> left) {
    PostgresProcess.kill(left, KILL_TIMEOUT);
    server = programs.start("postgres", arguments);
    awaitReady();
  }

  private void stop() {
    Process stopping = server;
    boolean interrupted = Thread.interrupted();
    List<ProcessHandle> processes = stopping.descendants().toList();
    // SIGINT, the fast shutdown, reaches a server that runs; the others need more.
    if (stopping.isAlive() && !programs.interrupt(stopping, STOP_TIMEOUT)) {
      LOG.warn("PostgreSQL does not stop within {} and is killed", STOP_TIMEOUT);
      stopping.destroyForcibly();
      PostgresProcess.kill(processes, KILL_TIMEOUT);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static EmbeddedPostgres start(
      Path directory, int port, Map<String, String> settings, DirectoryLock lock)
      throws IOException {
    Path log = directory.resolve("postgres.log");
    if (Files.exists(log) && Files.size(log) > MAX_LOG) {
      Files.move(log, directory.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    PostgresProcess programs = new PostgresProcess(PostgresBinaries.directory(), log);
    PostgresData data = PostgresData.open(programs, directory, USER);
    int serverPort = Ports.require("PostgreSQL", port);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-D", data.directory().toString(),
                "-c", "port=" + serverPort,
                "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=",
                "-c", "max_connections=100",
                "-c", "shared_buffers=64MB",
                "-c", "timezone=UTC",
                "-c", "log_min_messages=warning"));
    settings.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
    EmbeddedPostgres started =
        new EmbeddedPostgres(
            programs,
            lock,
            List.copyOf(arguments),
            new PostgresLogin(serverPort, USER, data.password()));
    started.awaitReady();
    return started;
  }

  private void awaitReady() {
    long end = System.nanoTime() + START_TIMEOUT.toNanos();
    while (true) {
      try (Connection connection = login.connect()) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException notYet) {
        if (!server.isAlive()) {
          throw programs.failure("postgres", server.exitValue());
        }
        if (System.nanoTime() > end) {
          stop();
          throw new EmbeddedServerException(
              "PostgreSQL does not answer within " + START_TIMEOUT + ": " + notYet.getMessage(),
              notYet);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        server.destroyForcibly();
        throw new EmbeddedServerException("interrupted while PostgreSQL started", e);
      }
    }
  }
}
