package io.millrace.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryDirectoryTest {

  @TempDir Path parent;

  @Test
  void deletesWhatAKilledProcessHasLeft() throws IOException {
    Path directory = parent.resolve("made/tmp");
    leaveSomethingIn(directory);

    try (TemporaryDirectory temporary = TemporaryDirectory.open(directory)) {
      assertThat(temporary.path()).isEmptyDirectory();
    }
  }

  @Test
  void isForItsOwnerOnlyAndGoneInTheEnd() throws IOException {
    Path directory = parent.resolve("made/tmp");

    try (TemporaryDirectory temporary = TemporaryDirectory.open(directory)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.path())))
          .isEqualTo("rwx------");
      leaveSomethingIn(directory);
    }

    assertThat(directory).doesNotExist();
    assertThat(directory.getParent()).isEmptyDirectory();
  }

  @Test
  void deletesLinksAndNotWhatTheyPointTo() throws IOException {
    Path kept = Files.writeString(parent.resolve("kept"), "kept");
    Path directory = Files.createDirectory(parent.resolve("tmp"));
    Files.createSymbolicLink(directory.resolve("file"), kept);
    Files.createSymbolicLink(directory.resolve("directory"), parent);

    TemporaryDirectory.open(directory).close();

    assertThat(directory).doesNotExist();
    assertThat(kept).hasContent("kept");
  }

  @Test
  void staysWhereALinkSaysThatItIs() throws IOException {
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Path directory = Files.createSymbolicLink(parent.resolve("tmp"), elsewhere);
    leaveSomethingIn(directory);

    TemporaryDirectory.open(directory).close();

    assertThat(directory).isSymbolicLink();
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void refusesAFile() throws IOException {
    Path file = Files.createFile(parent.resolve("tmp"));

    assertThatThrownBy(() -> TemporaryDirectory.open(file))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).exists();
  }

  private static void leaveSomethingIn(Path directory) throws IOException {
    Path deep = Files.createDirectories(directory.resolve("tomcat.8080.1/work/Tomcat"));
    Files.createFile(deep.resolve("upload.tmp"));
    Files.createFile(directory.resolve("liblz4-java-1.so"));
  }
}
