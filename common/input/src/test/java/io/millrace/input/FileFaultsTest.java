package io.millrace.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With files of Linux that can be opened, and neither read nor written. */
class FileFaultsTest {
  /** Its first page is never mapped. */
  private static final Path UNREADABLE = Path.of("/proc/self/mem");

  private static final Path FULL = Path.of("/dev/full");

  @TempDir private Path directory;

  @Test
  void namesAFileThatCannotBeRead() {
    assumeTrue(Files.isReadable(UNREADABLE), "no " + UNREADABLE);
    assertThatThrownBy(() -> Files.readAllBytes(UNREADABLE))
        .as("what the JDK says")
        .isExactlyInstanceOf(IOException.class);

    assertThatThrownBy(() -> FileFaults.naming(UNREADABLE, () -> Files.readAllBytes(UNREADABLE)))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(UNREADABLE + ": ")
        .hasRootCauseExactlyInstanceOf(IOException.class);
  }

  @Test
  void namesAFileThatCannotBeWritten() {
    assumeTrue(Files.isWritable(FULL), "no " + FULL);

    assertThatThrownBy(() -> FileFaults.naming(FULL, () -> Files.write(FULL, new byte[1])))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessage(FULL + ": No space left on device");
    assertThatThrownBy(() -> FileFaults.run(FULL, () -> Files.write(FULL, new byte[1])))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessage(FULL + ": No space left on device");
  }

  @Test
  void leavesWhatHasAKindOfItsOwn() throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> FileFaults.naming(missing, () -> Files.size(missing)))
        .isExactlyInstanceOf(NoSuchFileException.class);
    ZipException content = new ZipException("no archive");
    assertThatThrownBy(() ->
            FileFaults.naming(
                missing,
                () -> {
                  throw content;
                }))
        .isSameAs(content);
    Path written = Files.writeString(directory.resolve("written"), "four");
    assertThat(FileFaults.naming(written, () -> Files.size(written))).isEqualTo(4);
  }
}
