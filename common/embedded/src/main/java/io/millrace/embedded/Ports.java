package io.millrace.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of the loopback address. */
public final class Ports {
  private static final InetAddress LOOPBACK = loopback();

  private Ports() {}

  /** A port that nobody listens on at this moment. */
  public static int free() {
    return free(1).getFirst();
  }

  /** Ports that nobody listens on at this moment, all different. */
  public static List<Integer> free(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, LOOPBACK));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new EmbeddedServerException("no free port: " + e, e);
    } finally {
      sockets.forEach(Ports::close);
    }
  }

  /**
   * The port itself, or a free one instead of 0.
   *
   * @param what for the message, e.g. {@code Kafka}
   * @throws EmbeddedServerException if somebody listens on it already, or it is not for this user
   */
  public static int require(String what, int port) {
    if (port == 0) {
      return free();
    }
    try (ServerSocket socket = new ServerSocket()) {
      // A port whose old connections are still in TIME_WAIT can be used.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(LOOPBACK, port), 1);
      return port;
    } catch (IOException e) {
      throw new EmbeddedServerException(reason(what, port, String.valueOf(e.getMessage())), e);
    }
  }

  /** Ports below 1024 are there for the system's own servers, which is no reason to stop any. */
  static String reason(String what, int port, String cause) {
    String text = "port " + port + " for " + what;
    return cause.contains("Permission denied")
        ? text + " is not for this user: " + cause + "; choose one above 1023"
        : text + " is busy: " + cause + "; stop what listens there or choose another";
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new EmbeddedServerException("a probed port cannot be closed: " + e, e);
    }
  }

  private static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
