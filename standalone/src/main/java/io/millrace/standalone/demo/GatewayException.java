package io.millrace.standalone.demo;

/** A request to the gateway that failed or was refused. */
final class GatewayException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  GatewayException(String message) {
    super(message);
  }

  GatewayException(String message, Throwable cause) {
    super(message, cause);
  }
}
