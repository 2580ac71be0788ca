package io.millrace.platform.edge;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts connections on which a request takes too long to come; looks some times in that time. */
final class SlowClients implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlowClients.class);
  private static final int LOOKS = 10;

  private final List<WatchedProtocol> protocols = new CopyOnWriteArrayList<>();
  private final Duration longest;
  private final Thread thread;

  SlowClients(Duration longest) {
    this.longest = longest;
    // Last: the thread may read fields before a constructor has set them.
    this.thread = Thread.ofVirtual().name("slow-clients").start(this::look);
  }

  void watch(WatchedProtocol protocol) {
    protocols.add(protocol);
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void look() {
    try {
      while (true) {
        Thread.sleep(longest.dividedBy(LOOKS));
        protocols.forEach(this::cut);
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped", e);
    }
  }

  private void cut(WatchedProtocol protocol) {
    try {
      protocol.cutSlowClients(longest);
    } catch (RuntimeException e) {
      // Whatever it is, without this thread no client is ever cut.
      LOG.warn("cannot look for slow clients, going on", e);
    }
  }
}
