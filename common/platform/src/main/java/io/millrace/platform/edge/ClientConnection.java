package io.millrace.platform.edge;

import jakarta.servlet.ServletConnection;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** The connection of a request, which can be asked whether the client is still there. */
final class ClientConnection implements ServletConnection {
  private final ServletConnection named;
  private final SocketWrapperBase<?> socket;

  ClientConnection(ServletConnection named, SocketWrapperBase<?> socket) {
    this.named = named;
    this.socket = socket;
  }

  /** The connection of a request; empty if another connector took it. */
  static Optional<ClientConnection> of(ServletRequest request) {
    return request.getServletConnection() instanceof ClientConnection connection
        ? Optional.of(connection)
        : Optional.empty();
  }

  /**
   * Whether the client has closed the connection, or its half of it: who asks for something waits
   * for the answer with both.
   *
   * <p>Only to be called while nobody else reads from the connection: between the end of the
   * request's body and the end of its answer. What the client has sent beyond, a next request, is
   * left where it is.
   */
  boolean isClosedByClient() {
    ByteBuffer next = ByteBuffer.allocate(1);
    try {
      int read = socket.read(/* block= */ false, next);
      if (read > 0) {
        socket.unRead(next.flip());
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public String getConnectionId() {
    return named.getConnectionId();
  }

  @Override
  public String getProtocol() {
    return named.getProtocol();
  }

  @Override
  public String getProtocolConnectionId() {
    return named.getProtocolConnectionId();
  }

  @Override
  public boolean isSecure() {
    return named.isSecure();
  }
}
