package io.millrace.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {
  @TempDir private Path directory;

  @Test
  void isReadUpToItsLimit() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[1 << 20]);
    assertThat(SmallFile.read(file, 1 << 20)).hasSize(1 << 20);

    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> SmallFile.read(file, 1 << 20))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(file + " is larger than 1 MiB");
  }

  @Test
  void isNotToBlameForTheFileSystem() {
    // It can be opened; its first page is never mapped.
    Path unreadable = Path.of("/proc/self/mem");
    assumeTrue(Files.isReadable(unreadable), "no " + unreadable);

    assertThatThrownBy(() -> SmallFile.read(unreadable, 1 << 20))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(unreadable + ": ");
    assertThatThrownBy(() -> SmallFile.read(directory.resolve("none"), 1 << 20))
        .isInstanceOf(NoSuchFileException.class);
  }
}
