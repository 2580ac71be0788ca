package io.millrace.platform.error;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.validation.BindException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;

/**
 * Finds out what a caller is told about an exception; anything unforeseen is INTERNAL and logged.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static Failure of(Throwable thrown) {
    MillraceException ours = find(MillraceException.class, thrown);
    if (ours != null) {
      if (ours.code() == ErrorCode.INTERNAL) {
        LOG.error("internal error", thrown);
      }
      return new Failure(ours.code(), ours.getMessage(), ours.parameter());
    }
    BadRequestException malformed = find(BadRequestException.class, thrown);
    if (malformed != null) {
      return Refusals.malformed("the body is not what its headers announce", malformed);
    }
    if (Refusals.isNotStorable(thrown)) {
      return new Failure(
          ErrorCode.INVALID_ARGUMENT,
          "a text of the request has a NUL character, which cannot be kept");
    }
    FileSystemException fault = find(FileSystemException.class, thrown);
    if (fault != null && !(fault instanceof NoSuchFileException)) {
      LOG.warn("the file system fails", thrown);
      // Its path is for the log alone.
      return new Failure(
          ErrorCode.UNAVAILABLE,
          "a file of the platform cannot be read or written now; try again later");
    }
    return switch (thrown) {
      case HttpMessageNotReadableException unreadable -> JsonFailures.of(unreadable);
      case MaxUploadSizeExceededException tooLarge -> Refusals.tooLarge(tooLarge);
      case MultipartException form ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              "the form cannot be read: " + form.getMostSpecificCause().getMessage());
      case MissingServletRequestParameterException missing ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              "parameter '" + missing.getParameterName() + "' is missing",
              missing.getParameterName());
      case TypeMismatchException mismatch -> MismatchFailures.of(mismatch);
      case BindException invalid -> invalidFields(invalid);
      case HandlerMethodValidationException invalid -> invalidParameters(invalid);
      case ConstraintViolationException invalid -> violations(invalid);
      case StatusRuntimeException status -> ofGrpc(status.getStatus());
      case StatusException status -> ofGrpc(status.getStatus());
      case DataAccessResourceFailureException down -> down("the database", down);
      case CannotCreateTransactionException down -> down("the database", down);
      case org.apache.kafka.common.errors.TimeoutException down -> down("Kafka", down);
      case InvalidMediaTypeException header ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              "a header (Accept, Content-Type) has no media type: " + header.getMessage());
      case HttpMediaTypeNotSupportedException unsupported -> unsupported(unsupported);
      case ErrorResponse response -> ofSpring(response);
      default -> internal(thrown);
    };
  }

  /** Whether nobody is left to be told. */
  static boolean isClientGone(Throwable thrown) {
    return find(ClientGoneException.class, thrown) != null
        || find(ClientAbortException.class, thrown) != null;
  }

  /** Whether a body did not come in time. */
  static boolean isTimeout(Throwable thrown) {
    MillraceException ours = find(MillraceException.class, thrown);
    return ours != null && ours.code() == ErrorCode.REQUEST_TIMEOUT;
  }

  /** The first exception of a type in the chain of causes. */
  static <T extends Throwable> @Nullable T find(Class<T> type, @Nullable Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }

  /**
   * What the server refuses by itself.
   *
   * @param status that it would answer with
   * @param thrown why; null: not known
   */
  static Failure ofRefusal(int status, @Nullable Throwable thrown) {
    ErrorCode code = Refusals.code(status);
    if (code == ErrorCode.INTERNAL) {
      return internal(thrown == null ? new IllegalStateException("status " + status) : thrown);
    }
    return code == ErrorCode.INVALID_ARGUMENT
        ? Refusals.malformed("the request is not valid HTTP", thrown)
        : new Failure(code, code.http().getReasonPhrase());
  }

  private static Failure invalidFields(BindException invalid) {
    List<String> messages = new ArrayList<>();
    invalid
        .getFieldErrors()
        .forEach(error ->
            messages.add(SnakeCase.of(error.getField()) + " " + error.getDefaultMessage()));
    invalid.getGlobalErrors().forEach(error -> messages.add(error.getDefaultMessage()));
    String field =
        invalid.getFieldErrors().isEmpty()
            ? null
            : SnakeCase.of(invalid.getFieldErrors().getFirst().getField());
    return new Failure(ErrorCode.INVALID_ARGUMENT, String.join("; ", messages), field);
  }

  private static Failure invalidParameters(HandlerMethodValidationException invalid) {
    List<String> messages = new ArrayList<>();
    invalid
        .getParameterValidationResults()
        .forEach(result ->
            result
                .getResolvableErrors()
                .forEach(error ->
                    messages.add(
                        result.getMethodParameter().getParameterName()
                            + " "
                            + error.getDefaultMessage())));
    return new Failure(ErrorCode.INVALID_ARGUMENT, String.join("; ", messages));
  }

  private static Failure violations(ConstraintViolationException invalid) {
    List<String> messages = new ArrayList<>();
    for (ConstraintViolation<?> violation : invalid.getConstraintViolations()) {
      messages.add(violation.getPropertyPath() + " " + violation.getMessage());
    }
    return new Failure(ErrorCode.INVALID_ARGUMENT, String.join("; ", messages));
  }

  private static Failure ofGrpc(Status status) {
    String message = status.getDescription() == null ? status.toString() : status.getDescription();
    for (ErrorCode code : ErrorCode.values()) {
      if (code.grpc() == status.getCode()) {
        return new Failure(code, message);
      }
    }
    return internal(status.asRuntimeException());
  }

  private static Failure unsupported(HttpMediaTypeNotSupportedException unsupported) {
    MediaType sent = unsupported.getContentType();
    String accepted =
        unsupported.getSupportedMediaTypes().stream()
            .map(MediaType::toString)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return new Failure(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        sent == null
            ? "Content-Type is missing; accepted here: " + accepted
            // Without parameters: Spring has added a charset, even to pictures.
            : "Content-Type '%s/%s' is not read; accepted here: %s"
                .formatted(sent.getType(), sent.getSubtype(), accepted),
        null,
        headers(unsupported));
  }

  private static Map<String, String> headers(ErrorResponse response) {
    Map<String, String> headers = new HashMap<>();
    response.getHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
    return headers;
  }

  private static Failure ofSpring(ErrorResponse response) {
    String detail = response.getBody().getDetail();
    ErrorCode code = ErrorCode.ofHttp(response.getStatusCode().value());
    if (code == ErrorCode.INTERNAL && response instanceof Throwable thrown) {
      return internal(thrown);
    }
    return new Failure(
        code, detail == null ? code.http().getReasonPhrase() : detail, null, headers(response));
  }

  private static Failure down(String what, Exception cause) {
    LOG.warn("{} does not answer", what, cause);
    return new Failure(ErrorCode.UNAVAILABLE, what + " does not answer; try again later");
  }

  private static Failure internal(Throwable thrown) {
    String id = UUID.randomUUID().toString();
    LOG.error("internal error {}", id, thrown);
    return new Failure(ErrorCode.INTERNAL, "internal error " + id + ", see the service's log");
  }
}
