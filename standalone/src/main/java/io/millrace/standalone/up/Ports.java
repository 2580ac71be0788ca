package io.millrace.standalone.up;

import io.millrace.standalone.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of the loopback interface. */
final class Ports {

  private Ports() {}

  /**
   * Checks that a port can be listened on.
   *
   * @throws UserError if it cannot
   */
  static void requireFree(String option, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UserError(
          "port %d is busy (%s); stop what listens there or choose another with %s"
              .formatted(port, e.getMessage(), option),
          e);
    }
  }

  /** Ports that are free now, all different. */
  static List<Integer> free(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new UserError("no free port on the loopback interface: " + e.getMessage(), e);
    } finally {
      for (ServerSocket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UserError("a probed port cannot be closed: " + e.getMessage(), e);
        }
      }
    }
  }
}
