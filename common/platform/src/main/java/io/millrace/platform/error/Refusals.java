package io.millrace.platform.error;

import java.sql.SQLException;
import java.util.Map;
import org.apache.tomcat.util.http.fileupload.impl.FileCountLimitExceededException;
import org.apache.tomcat.util.http.fileupload.impl.SizeException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MaxUploadSizeExceededException;

/** What is told about that which servers and the database refuse by themselves. */
final class Refusals {
  private static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";

  /** What is not supported is asked for wrongly: a transfer encoding, a version of HTTP. */
  private static final Map<Integer, ErrorCode> CODES =
      Map.of(
          408, ErrorCode.REQUEST_TIMEOUT,
          501, ErrorCode.INVALID_ARGUMENT,
          505, ErrorCode.INVALID_ARGUMENT);

  private Refusals() {}

  /** The code of a status that the servlet container has chosen. */
  static ErrorCode code(int status) {
    return CODES.getOrDefault(status, ErrorCode.ofHttp(status));
  }

  /** About a request, or its body, that is malformed. */
  static Failure malformed(String what, @Nullable Throwable why) {
    String detail = why == null || why.getMessage() == null ? "" : ": " + why.getMessage();
    return new Failure(ErrorCode.INVALID_ARGUMENT, what + detail);
  }

  /** Whether PostgreSQL says that it has no such character. */
  static boolean isNotStorable(Throwable thrown) {
    SQLException sql = Failures.find(SQLException.class, thrown);
    return sql != null && CHARACTER_NOT_IN_REPERTOIRE.equals(sql.getSQLState());
  }

  /** Spring knows the limit only by its own settings, where another one ended the upload. */
  static Failure tooLarge(MaxUploadSizeExceededException tooLarge) {
    SizeException size = Failures.find(SizeException.class, tooLarge);
    FileCountLimitExceededException parts =
        Failures.find(FileCountLimitExceededException.class, tooLarge);
    long limit = size == null ? tooLarge.getMaxUploadSize() : size.getPermittedSize();
    String what;
    if (parts != null) {
      what = "the form has more parts than the limit of " + parts.getLimit();
    } else if (limit > 0) {
      what = "the upload is larger than the limit of %d bytes".formatted(limit);
    } else {
      what = "the upload is larger than a form may be";
    }
    return new Failure(ErrorCode.PAYLOAD_TOO_LARGE, what);
  }
}
