package io.millrace.gateway.route;

import io.millrace.gateway.Service;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import org.apache.coyote.BadRequestException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** A service that cannot be reached or keeps callers waiting is named, not its address. */
final class ServiceFailures implements HandlerFilterFunction<ServerResponse, ServerResponse> {
  private final Service service;

  ServiceFailures(Service service) {
    this.service = service;
  }

  @Override
  public ServerResponse filter(ServerRequest request, HandlerFunction<ServerResponse> next)
      throws Exception {
    try {
      return next.handle(request);
    } catch (ResourceAccessException e) {
      throw isOfTheClient(e) ? e : failure(e);
    }
  }

  /** Whether it is the client's body that could not be read, which is no fault of a service. */
  private static boolean isOfTheClient(ResourceAccessException failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadRequestException) {
        return true;
      }
    }
    return false;
  }

  private MillraceException failure(ResourceAccessException failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof MillraceException known) {
        return known;
      }
      if (cause instanceof HttpTimeoutException
          && !(cause instanceof HttpConnectTimeoutException)) {
        // It may have done what it was asked for: not to be tried again like one that is away.
        return new MillraceException(
            ErrorCode.DEADLINE_EXCEEDED, service.label() + " has not answered in time", failed);
      }
    }
    return new MillraceException(
        ErrorCode.UNAVAILABLE, service.label() + " is not available; try again later", failed);
  }
}
