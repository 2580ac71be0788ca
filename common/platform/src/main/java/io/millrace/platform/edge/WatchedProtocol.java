package io.millrace.platform.edge;

import jakarta.servlet.ServletConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.coyote.Adapter;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/1.1 whose requests know whether their client is still there ({@link ClientConnection}), and
 * whose requests must be complete in time: Tomcat's own time-outs begin anew with every byte.
 */
public final class WatchedProtocol extends Http11NioProtocol {
  private final Set<WatchedProcessor> serving = ConcurrentHashMap.newKeySet();

  @Override
  protected Processor createProcessor() {
    return new WatchedProcessor(this, getAdapter());
  }

  /**
   * Closes connections whose request line and headers have been coming for too long, and those of
   * which the rest of a body has been read for too long that nobody wants any more.
   *
   * @param longest time for either
   */
  void cutSlowClients(Duration longest) {
    long now = System.nanoTime();
    for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
      // Set while no thread works on the connection, which waits for the rest of a head.
      if (connection.getCurrentProcessor() instanceof WatchedProcessor processor
          && processor.headSince(now) > longest.toNanos()) {
        connection.close();
      }
    }
    for (WatchedProcessor processor : serving) {
      processor.closeIfEnding(now, longest.toNanos());
    }
  }

  private static final class WatchedProcessor extends Http11Processor {
    /** When the head began whose rest is waited for; 0: there is none. */
    private volatile long headBegan;

    /** When the request began whose end was seen, and when that was; of the watching thread. */
    private long endOf;

    private long endBegan;

    private final WatchedProtocol protocol;

    WatchedProcessor(WatchedProtocol protocol, Adapter adapter) {
      super(protocol, adapter);
      this.protocol = protocol;
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
      protocol.serving.add(this);
      try {
        SocketState state = super.service(connection);
        if (state != SocketState.LONG || isAsync()) {
          headBegan = 0;
        } else if (headBegan == 0) {
          headBegan = System.nanoTime();
        }
        return state;
      } finally {
        protocol.serving.remove(this);
      }
    }

    @Override
    protected ServletConnection getServletConnection() {
      return new ClientConnection(super.getServletConnection(), getSocketWrapper());
    }

    /** Nanoseconds since a head began that is not complete; 0: there is none. */
    long headSince(long now) {
      long began = headBegan;
      return began == 0 ? 0 : now - began;
    }

    /** Closes a connection on which the rest of an answered request has been read for too long. */
    void closeIfEnding(long now, long longest) {
      long begin = request.getStartTimeNanos();
      if (request.getRequestProcessor().getStage() != Constants.STAGE_ENDINPUT) {
        endOf = 0;
      } else if (endOf != begin) {
        endOf = begin;
        endBegan = now;
      } else if (now - endBegan > longest) {
        getSocketWrapper().close();
      }
    }
  }
}
