package io.millrace.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class FileRefusalTest {

  @Test
  void blamesTheFilesForWhatIsInThem() {
    for (Exception cause :
        List.of(
            new IOException("config.json is no JSON"),
            new IllegalArgumentException("a tensor too much"),
            new NoSuchFileException("config.json"))) {
      assertThat(FileRefusal.of("weights do not fit", "backbone_weights", cause))
          .asInstanceOf(InstanceOfAssertFactories.type(MillraceException.class))
          .returns(ErrorCode.FAILED_PRECONDITION, MillraceException::code)
          .returns("weights do not fit", MillraceException::getMessage)
          .returns("backbone_weights", MillraceException::parameter)
          .returns(cause, MillraceException::getCause);
    }
  }

  @Test
  void doesNotBlameThemForTheFileSystem() {
    for (FileSystemException fault :
        List.of(
            new FileSystemException("weights", null, "Stale file handle"),
            new AccessDeniedException("weights"))) {
      assertThat(FileRefusal.of("weights do not fit", fault))
          .isInstanceOf(java.io.UncheckedIOException.class)
          .hasCause(fault);
    }
  }
}
