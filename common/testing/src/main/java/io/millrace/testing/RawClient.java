package io.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that says what no library would say. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket;

  /** Connected to a port of this machine. */
  public RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.setTcpNoDelay(true);
  }

  /** Sends characters below 256, a byte each. */
  public RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** Tells the server that nothing more will come, and goes on to listen. */
  public RawClient endSending() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** All that comes until the server closes the connection. */
  public String untilClosed() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        all.write(next);
      }
    } catch (SocketException e) {
      // Closed by the server while there was more for it to read.
      all.write('\n');
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /** One answer: its head and as much as its length says. */
  public String answer() throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        return answer.toString();
      }
      answer.append((char) next);
    }
    String head = answer.toString().toLowerCase(java.util.Locale.ROOT);
    int at = head.indexOf("content-length: ");
    if (at >= 0) {
      int length = Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
      answer.append(new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8));
    }
    return answer.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
