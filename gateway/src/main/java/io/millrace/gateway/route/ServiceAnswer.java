package io.millrace.gateway.route;

import io.millrace.platform.error.MillraceException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a service's answer. That the service died while sending it is no {@link IOException}:
 * Spring takes some of those for a client that has gone, and would end the client's answer as if it
 * were whole.
 */
final class ServiceAnswer extends FilterInputStream {

  ServiceAnswer(InputStream body) {
    super(body);
  }

  @Override
  public int read() {
    try {
      return super.read();
    } catch (IOException e) {
      throw died(e);
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    try {
      return super.read(buffer, offset, length);
    } catch (IOException e) {
      throw died(e);
    }
  }

  private static MillraceException died(IOException cause) {
    // Suppressed, not the cause: causes are searched for signs of a client that has gone.
    MillraceException died =
        MillraceException.unavailable("the service went away in the middle of its answer");
    died.addSuppressed(cause);
    return died;
  }
}
