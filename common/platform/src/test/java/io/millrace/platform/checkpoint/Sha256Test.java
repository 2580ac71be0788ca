package io.millrace.platform.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class Sha256Test {

  @Test
  void namesAFileThatCannotBeRead() {
    // It can be opened; its first page is never mapped.
    Path unreadable = Path.of("/proc/self/mem");
    assumeTrue(Files.isReadable(unreadable), "no " + unreadable);

    assertThatThrownBy(() -> Sha256.of(unreadable))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(unreadable + ": ");
  }
}
