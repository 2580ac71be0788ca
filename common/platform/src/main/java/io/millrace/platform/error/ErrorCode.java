package io.millrace.platform.error;

import io.grpc.Status;
import org.springframework.http.HttpStatus;

/**
 * Every way in which a call can fail, with its HTTP status, gRPC status and OpenAI error type.
 *
 * <p>The name in lower case is the {@code code} that clients see.
 */
public enum ErrorCode {
  /** The request is malformed or a value is out of its range; the same request fails again. */
  INVALID_ARGUMENT(HttpStatus.BAD_REQUEST, Status.Code.INVALID_ARGUMENT, "invalid_request_error"),
  /** No credentials, or ones that are unknown, revoked, forged or expired. */
  UNAUTHENTICATED(HttpStatus.UNAUTHORIZED, Status.Code.UNAUTHENTICATED, "authentication_error"),
  /** Known caller, but without the right. */
  PERMISSION_DENIED(HttpStatus.FORBIDDEN, Status.Code.PERMISSION_DENIED, "permission_error"),
  /** What the request names does not exist. */
  NOT_FOUND(HttpStatus.NOT_FOUND, Status.Code.NOT_FOUND, "not_found_error"),
  /** The path exists, but not with this HTTP method. */
  METHOD_NOT_ALLOWED(
      HttpStatus.METHOD_NOT_ALLOWED, Status.Code.UNIMPLEMENTED, "invalid_request_error"),
  /** No representation that the client accepts. */
  NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, Status.Code.INVALID_ARGUMENT, "invalid_request_error"),
  /** No model of that name; clients of OpenAI know this code. */
  MODEL_NOT_FOUND(HttpStatus.NOT_FOUND, Status.Code.NOT_FOUND, "not_found_error"),
  /** A prompt and its completion do not fit the model's context; OpenAI's code too. */
  CONTEXT_LENGTH_EXCEEDED(
      HttpStatus.BAD_REQUEST, Status.Code.INVALID_ARGUMENT, "invalid_request_error"),
  /** What should be created exists already. */
  ALREADY_EXISTS(HttpStatus.CONFLICT, Status.Code.ALREADY_EXISTS, "conflict_error"),
  /** The state of things does not allow it now, e.g. a snapshot of a dataset without tokenizer. */
  FAILED_PRECONDITION(HttpStatus.CONFLICT, Status.Code.FAILED_PRECONDITION, "conflict_error"),
  /** The request is larger than the limit. */
  PAYLOAD_TOO_LARGE(
      HttpStatus.CONTENT_TOO_LARGE, Status.Code.RESOURCE_EXHAUSTED, "invalid_request_error"),
  /** The body is of a media type that this path does not read. */
  UNSUPPORTED_MEDIA_TYPE(
      HttpStatus.UNSUPPORTED_MEDIA_TYPE, Status.Code.INVALID_ARGUMENT, "invalid_request_error"),
  /** Too much at once; the same request may succeed later. */
  OVERLOADED(HttpStatus.TOO_MANY_REQUESTS, Status.Code.RESOURCE_EXHAUSTED, "rate_limit_error"),
  /** A defect of the platform; the message tells callers nothing about its inside. */
  INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, Status.Code.INTERNAL, "server_error"),
  /** Something that the call needs is down or not ready; the same request may succeed later. */
  UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, Status.Code.UNAVAILABLE, "server_error"),
  /** It took too long. */
  DEADLINE_EXCEEDED(HttpStatus.GATEWAY_TIMEOUT, Status.Code.DEADLINE_EXCEEDED, "server_error"),
  /** The request came too slowly, or stopped coming. */
  REQUEST_TIMEOUT(
      HttpStatus.REQUEST_TIMEOUT, Status.Code.DEADLINE_EXCEEDED, "invalid_request_error");

  private final HttpStatus http;
  private final Status.Code grpc;
  private final String openAiType;

  ErrorCode(HttpStatus http, Status.Code grpc, String openAiType) {
    this.http = http;
    this.grpc = grpc;
    this.openAiType = openAiType;
  }

  /** HTTP status of the answer. */
  public HttpStatus http() {
    return http;
  }

  /** gRPC status code of the answer. */
  public Status.Code grpc() {
    return grpc;
  }

  /** The {@code type} of the OpenAI error envelope. */
  public String openAiType() {
    return openAiType;
  }

  /** The {@code code} that clients see, e.g. {@code not_found}. */
  public String code() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The code that fits an HTTP status best: of those that share it, the first. */
  public static ErrorCode ofHttp(int status) {
    for (ErrorCode code : values()) {
      if (code.http.value() == status) {
        return code;
      }
    }
    return status >= 500 ? INTERNAL : INVALID_ARGUMENT;
  }
}
