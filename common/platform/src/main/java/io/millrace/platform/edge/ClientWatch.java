package io.millrace.platform.edge;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the clients of requests that take long have gone: somebody who waits for an answer
 * writes nothing, and a thread that writes nothing hears of nothing.
 *
 * <p>One thread looks at all connections that are watched, some times a second; none is watched
 * until the body of its request has been read. A client that closes only its half of the connection
 * has gone, too.
 */
public final class ClientWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientWatch.class);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private final Semaphore begun = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("client-watch").start(this::look);

  /**
   * Watches a request until what is returned is closed, which is to be done before the request
   * ends.
   *
   * @param left called at most once, by another thread, if the client leaves; must not wait
   */
  public Watched watch(HttpServletRequest request, Runnable left) {
    Watched one = new Watched(request, ClientConnection.of(request), left);
    if (one.connection.isPresent()) {
      watched.add(one);
      begun.release();
    }
    return one;
  }

  /** How many requests are watched whose clients are there. */
  public int size() {
    return watched.size();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void look() {
    try {
      while (true) {
        begun.acquire();
        begun.drainPermits();
        while (!watched.isEmpty()) {
          Thread.sleep(PAUSE);
          watched.forEach(Watched::look);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped", e);
    }
  }

  /** A request that is watched. */
  public final class Watched implements AutoCloseable {
    private final HttpServletRequest request;
    private final Optional<ClientConnection> connection;
    private final Runnable whenLeft;
    private boolean open = true;
    private volatile boolean left;

    private Watched(
        HttpServletRequest request, Optional<ClientConnection> connection, Runnable whenLeft) {
      this.request = request;
      this.connection = connection;
      this.whenLeft = whenLeft;
    }

    /** Whether the client has gone, as far as is known. */
    public boolean hasLeft() {
      return left;
    }

    /** Ends watching; the client is told to have left no more after that. */
    @Override
    public synchronized void close() {
      open = false;
      watched.remove(this);
    }

    private synchronized void look() {
      try {
        if (!open
            || !RequestBodies.isRead(request)
            || !connection.orElseThrow().isClosedByClient()) {
          return;
        }
      } catch (RuntimeException e) {
        LOG.warn("cannot look at a connection, not watching it any more", e);
        open = false;
        watched.remove(this);
        return;
      }
      left = true;
      open = false;
      try {
        whenLeft.run();
      } finally {
        // Whoever sees that it is not watched any more also sees what its leaving has done.
        watched.remove(this);
      }
    }
  }
}
