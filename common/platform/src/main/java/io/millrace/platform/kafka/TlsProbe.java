package io.millrace.platform.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Whether a port speaks TLS. A broker that meets a client with TLS where it has none, or without
 * where it has, closes the connection and says nothing: the client only learns that nobody answers.
 */
enum TlsProbe {
  /** Nobody listens. */
  NOBODY,
  /** A server that speaks TLS. */
  TLS,
  /** A server that does not. */
  PLAIN;

  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  /**
   * A handshake record with a greeting of no known form; a server with TLS answers with an alert.
   */
  private static final byte[] GREETING = {22, 3, 1, 0, 5, 1, 0, 0, 1, 0};

  private static final int HANDSHAKE = 22;
  private static final int ALERT = 21;

  /**
   * Asks the first of some servers.
   *
   * @param servers {@code host:port}, separated by commas
   */
  static TlsProbe of(String servers) {
    int end = servers.indexOf(',');
    String first = (end < 0 ? servers : servers.substring(0, end)).strip();
    @Nullable String host = Utils.getHost(first);
    @Nullable Integer port = Utils.getPort(first);
    if (host == null || port == null) {
      return NOBODY;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) TIMEOUT.toMillis());
      return speaksTls(socket) ? TLS : PLAIN;
    } catch (IOException e) {
      return NOBODY;
    }
  }

  private static boolean speaksTls(Socket socket) {
    try {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.getOutputStream().write(GREETING);
      int kind = socket.getInputStream().read();
      return kind == HANDSHAKE || kind == ALERT;
    } catch (IOException closed) {
      return false;
    }
  }
}
