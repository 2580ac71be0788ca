package io.millrace.embedded;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback address. */
public final class Ports {
  private static final InetAddress LOOPBACK = loopback();

  /**
   * Below the ports that systems hand out to connections and to servers that take any: between the
   * choice and the start of the server nobody is given it by chance.
   */
  private static final int FIRST = 20_000;

  private static final int END = 32_768;
  private static final int TRIES = 1000;

  /**
   * What was chosen in this process, whose servers may not have started yet. Each is held by UDP
   * until the process ends, where no server of ours listens: so other processes choose others.
   */
  private static final Map<Integer, DatagramSocket> CHOSEN = new ConcurrentHashMap<>();

  private Ports() {}

  /**
   * A port that nobody listens on at this moment, and that was not chosen before, here or
   * elsewhere.
   */
  public static int free() {
    return free(1).getFirst();
  }

  /** The same for several. */
  public static List<Integer> free(int count) {
    List<Integer> ports = new ArrayList<>();
    for (int tries = 0; ports.size() < count && tries < TRIES; tries++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port) && claim(port)) {
        ports.add(port);
      }
    }
    if (ports.size() < count) {
      throw new EmbeddedServerException("no free port between %d and %d".formatted(FIRST, END - 1));
    }
    return List.copyOf(ports);
  }

  /** Keeps others from choosing a port; false if one of them has chosen it, or this process has. */
  static boolean claim(int port) {
    try {
      DatagramSocket socket = new DatagramSocket(port, LOOPBACK);
      CHOSEN.put(port, socket);
      return true;
    } catch (SocketException taken) {
      return false;
    }
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, LOOPBACK)) {
      return socket.isBound();
    } catch (IOException busy) {
      return false;
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
      // Whoever named it may have chosen it for this process.
      boolean unused = claim(port);
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

  private static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
