package io.millrace.training.task;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Why files that a run would begin with do not do. */
public final class FileRefusal {
  private FileRefusal() {}

  /** The same, where no single parameter is to blame. */
  public static RuntimeException of(String message, Exception cause) {
    return of(message, /* parameter= */ null, cause);
  }

  /**
   * What to throw.
   *
   * @param parameter of the request that names the files
   * @param cause what is wrong with them, or a fault of the file system, which tells nothing of
   *     them: they may do another time
   * @return FAILED_PRECONDITION with the message, or the fault, which is UNAVAILABLE to callers and
   *     no end to a run
   */
  public static RuntimeException of(String message, @Nullable String parameter, Exception cause) {
    if (cause instanceof FileSystemException fault && !(fault instanceof NoSuchFileException)) {
      return new UncheckedIOException(message, fault);
    }
    return new MillraceException(ErrorCode.FAILED_PRECONDITION, message, parameter, cause);
  }
}
