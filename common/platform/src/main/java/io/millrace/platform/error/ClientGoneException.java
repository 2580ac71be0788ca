package io.millrace.platform.error;

import java.io.IOException;

/** Nobody waits for the answer any more, so it is neither computed nor written, nor an error. */
public final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** It has gone. */
  public ClientGoneException() {
    super("the client has gone");
  }

  /** It has gone, as writing to it has shown. */
  public ClientGoneException(IOException cause) {
    super("the client has gone", cause);
  }
}
