package io.millrace.platform.error;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Renders every exception of a controller, Spring's own included. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ErrorAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorAdvice.class);

  /** Drops the exception that says that the client has gone: there is nobody left to tell. */
  @ExceptionHandler(AsyncRequestNotUsableException.class)
  void clientHasGone(AsyncRequestNotUsableException gone) {
    LOG.debug("client has gone", gone);
  }

  @ExceptionHandler(Exception.class)
  void any(Exception thrown, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted() && Failures.isTimeout(thrown)) {
      // The container has noticed too, and answers by /error.
      LOG.debug("{} did not come in time", request.getRequestURI(), thrown);
      return;
    }
    if (response.isCommitted() && !Failures.isClientGone(thrown)) {
      // The container then cuts the connection: half an answer must not look like a whole one.
      throw thrown;
    }
    ErrorWriter.write(request, response, thrown);
  }
}
