package io.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands before an {@link S3Server} and takes permissions away, as the owner of a bucket may at any
 * time: what is denied is answered as S3 does it, everything else goes through. It can break
 * answers off, too. Each request has a connection of its own, so that a change counts at once.
 */
public final class S3Gate implements AutoCloseable {
  private static final int MOST_HEAD = 1 << 16;
  private static final byte[] DENIAL =
      "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
          .getBytes(StandardCharsets.UTF_8);

  private final URI server;
  private final ServerSocket socket;
  private final AtomicInteger refused = new AtomicInteger();
  private volatile Predicate<String> denied = request -> false;
  private volatile long most = Long.MAX_VALUE;

  private S3Gate(URI server, ServerSocket socket) {
    this.server = server;
    this.socket = socket;
  }

  /** Opens a gate before a server; everything is permitted. */
  public static S3Gate before(S3Server server) {
    try {
      ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      S3Gate gate = new S3Gate(server.endpoint(), socket);
      Thread.ofVirtual().name("s3-gate").start(gate::accept);
      return gate;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its address, for clients to take for the server's. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /**
   * Takes permissions away from now on.
   *
   * @param requests which, by method and path as in {@code PUT /bucket/key}
   */
  public void deny(Predicate<String> requests) {
    denied = requests;
  }

  /** Breaks off answers of more bytes than that, from now on. */
  public void breakOffAfter(long bytes) {
    most = bytes;
  }

  /** Permits everything again, and lets answers through to their end. */
  public void permitAll() {
    denied = request -> false;
    most = Long.MAX_VALUE;
  }

  /** How many requests were refused. */
  public int refused() {
    return refused.get();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().name("s3-gate-request").start(() -> serve(client));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      String request = head.substring(0, head.lastIndexOf(" HTTP/", head.indexOf('\r')));
      if (denied.test(request)) {
        refused.incrementAndGet();
        refuse(client, request.startsWith("HEAD "));
      } else {
        pass(client, head);
      }
    } catch (IOException e) {
      // The client or the server hung up, which is theirs to tell.
    }
  }

  /** All lines before a request's body; empty: the client went away. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0;
    while (ends < 4 && head.size() < MOST_HEAD) {
      int read = in.read();
      if (read < 0) {
        return "";
      }
      head.write(read);
      ends = read == "\r\n\r\n".charAt(ends) ? ends + 1 : read == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static void refuse(Socket client, boolean withoutBody) throws IOException {
    String head =
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(withoutBody ? 0 : DENIAL.length);
    client.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    if (!withoutBody) {
      client.getOutputStream().write(DENIAL);
    }
    // What the client still sends has to be read, or the answer may be lost on the way.
    client.shutdownOutput();
    client.setSoTimeout(30_000);
    long unused = client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
  }

  private void pass(Socket client, String head) throws IOException {
    String once =
        head.replaceFirst("(?i)\r\nConnection: [^\r]*", "")
            .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
    try (Socket behind = new Socket(server.getHost(), server.getPort())) {
      behind.getOutputStream().write(once.getBytes(StandardCharsets.ISO_8859_1));
      Thread.ofVirtual().name("s3-gate-body").start(() -> send(client, behind));
      byte[] buffer = new byte[1 << 14];
      long left = most;
      InputStream answer = behind.getInputStream();
      for (int read = answer.read(buffer); read >= 0 && left > 0; read = answer.read(buffer)) {
        client.getOutputStream().write(buffer, 0, (int) Math.min(read, left));
        left -= read;
      }
    }
  }

  private static void send(Socket client, Socket behind) {
    try {
      long unused = client.getInputStream().transferTo(behind.getOutputStream());
    } catch (IOException e) {
      // The answer has come to its end.
    }
  }
}
