package io.millrace.platform.error;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Renders what went wrong outside of any controller, e.g. in the servlet container. */
@RestController
@Hidden // From the OpenAPI descriptions: nobody calls it.
final class FallbackErrorController implements ErrorController {

  @RequestMapping("/error")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    HttpServletRequest original = new OriginalRequest(request);
    Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    if (failure instanceof SocketTimeoutException) {
      ErrorWriter.write(
          original,
          response,
          new Failure(ErrorCode.REQUEST_TIMEOUT, "the body comes too slowly: nothing for a while"));
      return;
    }
    if (failure instanceof EOFException) {
      // No fault of ours that a log should tell: the client has gone, or will send no more.
      ErrorWriter.write(
          original,
          response,
          Refusals.malformed(
              "the body is not what its headers announce: it has ended early", /* why= */ null));
      return;
    }
    if (failure instanceof Throwable thrown) {
      ErrorWriter.write(original, response, thrown);
      return;
    }
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : 404;
    ErrorCode code = ErrorCode.ofHttp(status);
    ErrorWriter.write(original, response, new Failure(code, code.http().getReasonPhrase()));
  }

  /** The request under the path it was made for. */
  private static final class OriginalRequest extends HttpServletRequestWrapper {
    OriginalRequest(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getRequestURI() {
      @Nullable Object uri = getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
      return uri instanceof String path ? path : super.getRequestURI();
    }
  }
}
