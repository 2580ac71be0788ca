package io.millrace.standalone.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserFilesTest {

  @TempDir Path directory;

  @Test
  void readsAllOfAFileThatIsNotTooLarge() throws IOException {
    Path file = Files.write(directory.resolve("a"), new byte[] {1, 2, 3});
    assertThat(UserFiles.read(file, 3)).containsExactly(1, 2, 3);
    Files.write(file, new byte[0]);
    assertThat(UserFiles.read(file, 3)).isEmpty();
  }

  /** A device has no size, and no end either. */
  @ParameterizedTest
  @CsvSource({
    "missing, is not there",
    ", 'is a folder, not a file'",
    "large, 'has more than 1,000 bytes'",
    "/dev/zero, 'has more than 1,000 bytes'"
  })
  void saysWhatIsWrongWithAFile(String name, String reason) throws IOException {
    Files.write(directory.resolve("large"), new byte[1001]);
    Path file = directory.resolve(name == null ? "" : name);
    assertThatThrownBy(() -> UserFiles.read(file, 1000))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason);
  }
}
