package io.millrace.standalone.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ModelSourceTest {

  @Test
  void tellsWhatIsWrongWithAFile() {
    assertThat(ModelSource.reason(new NoSuchFileException("a/b"))).isEqualTo("a/b does not exist");
    assertThat(ModelSource.reason(new FileAlreadyExistsException("a/b")))
        .isEqualTo("a/b exists already");
    assertThat(ModelSource.reason(new AccessDeniedException("a/b")))
        .isEqualTo(
            "a/b may not be read or written: its permissions or those of the folders above it say so");
    assertThat(ModelSource.reason(new FileSystemLoopException("a/b")))
        .isEqualTo("FileSystemLoopException: a/b");
    assertThat(ModelSource.reason(new FileSystemException("a/b", null, "too long")))
        .isEqualTo("a/b: too long");
    assertThat(ModelSource.reason(new IOException("no header"))).isEqualTo("no header");
  }
}
