package io.millrace.platform.security;

import io.grpc.Context;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Who a request is for, as the gateway found out.
 *
 * @param principal e.g. {@code key:3f9c}
 * @param administrator whether it may do what only administrators may
 */
public record Caller(String principal, boolean administrator) {
  static final Context.Key<Caller> GRPC = Context.key("millrace-caller");
  static final String ATTRIBUTE = Caller.class.getName();

  /**
   * Checks that the caller is an administrator.
   *
   * @param what that only administrators may do
   * @throws MillraceException PERMISSION_DENIED
   */
  public void requireAdministrator(String what) {
    if (!administrator) {
      throw new MillraceException(
          ErrorCode.PERMISSION_DENIED, what + " needs an API key of the scope admin");
    }
  }

  /**
   * The caller of an HTTP request.
   *
   * @throws IllegalStateException on a path that is open to all
   */
  public static Caller of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
      return caller;
    }
    throw new IllegalStateException("no caller: " + request.getRequestURI() + " is open to all");
  }

  /**
   * The caller of the gRPC call that this thread works on.
   *
   * @throws IllegalStateException outside of a call
   */
  public static Caller ofGrpcCall() {
    Caller caller = GRPC.get();
    if (caller == null) {
      throw new IllegalStateException("no caller: not inside a gRPC call");
    }
    return caller;
  }
}
