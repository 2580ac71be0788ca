package io.millrace.platform.error;

import io.millrace.input.WellFormedText;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes failures as HTTP answers: on {@code /v1} OpenAI's envelope, elsewhere problem details (RFC
 * 9457) with the members {@code code} and {@code parameter} added. Says nothing more to a client
 * whose answer has begun.
 */
public final class ErrorWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorWriter.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** For logs and metrics; as nginx counts it. */
  private static final int CLIENT_GONE = 499;

  private ErrorWriter() {}

  /** Writes the answer for an exception. */
  public static void write(
      HttpServletRequest request, HttpServletResponse response, Throwable thrown)
      throws IOException {
    if (Failures.isClientGone(thrown)) {
      LOG.debug("the client of {} has gone", path(request), thrown);
      response.setStatus(CLIENT_GONE);
      return;
    }
    write(request, response, Failures.of(thrown));
  }

  /**
   * Writes the answer to a request that the server refuses by itself, with the status it chose.
   *
   * @param thrown why; null: not known
   */
  public static void writeRefusal(
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      @Nullable Throwable thrown)
      throws IOException {
    write(request, response, Failures.ofRefusal(status, thrown));
  }

  /** The exception that says that a body is larger than its limit. */
  public static MillraceException tooLarge(DataSize limit) {
    return new MillraceException(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "the body is larger than the limit of " + limit.toBytes() + " bytes");
  }

  static void write(HttpServletRequest request, HttpServletResponse response, Failure failure)
      throws IOException {
    if (response.isCommitted()) {
      LOG.debug("answer has begun, cannot say: {}", failure);
      return;
    }
    boolean openAi = path(request).startsWith("/v1/");
    response.resetBuffer();
    response.setStatus(failure.code().http().value());
    failure.headers().forEach(response::setHeader);
    if (failure.code() == ErrorCode.UNAUTHENTICATED) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    boolean passes =
        failure.code() == ErrorCode.OVERLOADED || failure.code() == ErrorCode.UNAVAILABLE;
    if (passes && !response.containsHeader(HttpHeaders.RETRY_AFTER)) {
      response.setHeader(HttpHeaders.RETRY_AFTER, "1");
    }
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setContentType(
        openAi ? MediaType.APPLICATION_JSON_VALUE : MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    byte[] body = JSON.writeValueAsBytes(openAi ? envelope(failure) : problem(failure, request));
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }

  /** OpenAI's error envelope, also for an error inside a stream that has begun. */
  public static Map<String, Object> envelope(Throwable thrown) {
    return envelope(Failures.of(thrown));
  }

  private static Map<String, Object> envelope(Failure failure) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", failure.message());
    error.put("type", failure.code().openAiType());
    error.put("param", failure.parameter());
    error.put("code", failure.code().code());
    return Map.of("error", error);
  }

  private static Map<String, Object> problem(Failure failure, HttpServletRequest request) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", failure.code().http().getReasonPhrase());
    problem.put("status", failure.code().http().value());
    problem.put("detail", failure.message());
    problem.put("instance", path(request));
    problem.put("code", failure.code().code());
    if (failure.parameter() != null) {
      problem.put("parameter", failure.parameter());
    }
    return problem;
  }

  /** Of the request; empty if it is so malformed that it has none. */
  private static String path(HttpServletRequest request) {
    return WellFormedText.repaired(Objects.requireNonNullElse(request.getRequestURI(), ""));
  }
}
