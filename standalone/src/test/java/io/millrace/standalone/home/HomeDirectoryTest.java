package io.millrace.standalone.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class HomeDirectoryTest {

  @TempDir Path temporary;

  @Test
  void isHeldByOneAtATime() {
    Path home = temporary.resolve("a/b");
    try (HomeDirectory first = HomeDirectory.open(home)) {
      assertThatThrownBy(() -> HomeDirectory.open(home))
          .isInstanceOf(UserError.class)
          .hasMessageContaining(first.root().toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    HomeDirectory.open(home).close();
  }

  @Test
  void keepsSecretsForTheOwnerOnly() throws IOException {
    String secret;
    try (HomeDirectory home = HomeDirectory.open(temporary)) {
      secret = home.secret("internal-secret");
      assertThat(secret).hasSize(64);
    }
    try (HomeDirectory home = HomeDirectory.open(temporary)) {
      assertThat(home.secret("internal-secret")).isEqualTo(secret);
      assertThat(home.secret("other")).isNotEqualTo(secret);
    }
    assertThat(Files.getPosixFilePermissions(temporary.resolve("internal-secret")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void isItsOwnersAlone() throws IOException {
    HomeDirectory.open(temporary.resolve("a/home")).close();
    assertThat(Files.getPosixFilePermissions(temporary.resolve("a/home")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void makesABlankSecretAnew() throws IOException {
    // What a crash between making a file and filling it used to leave.
    Files.writeString(temporary.resolve("internal-secret"), "\n");
    Files.writeString(temporary.resolve("internal-secret.unfinished"), "half");
    try (HomeDirectory home = HomeDirectory.open(temporary)) {
      assertThat(home.kept("internal-secret")).isEmpty();
      String secret = home.secret("internal-secret");
      assertThat(secret).hasSize(64);
      assertThat(home.kept("internal-secret")).contains(secret);
    }
    assertThat(temporary.resolve("internal-secret.unfinished")).doesNotExist();
  }

  @Test
  void keepsTheOldTextUntilTheNewOneIsWhole() throws IOException {
    try (HomeDirectory home = HomeDirectory.open(temporary)) {
      home.keep("api-key", "old");
      // Nothing can be written beside it: the place is taken by a directory that is not empty.
      Files.createDirectories(temporary.resolve("api-key.unfinished/x"));
      assertThatThrownBy(() -> home.keep("api-key", "new")).isInstanceOf(UserError.class);
      assertThat(home.kept("api-key")).contains("old");
    }
  }

  @Test
  void refusesAFileSystemThatIsFull() {
    assertThatThrownBy(() -> HomeDirectory.requireRoom(temporary, 100L << 20))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--home %s: only 100 MiB are free there, 512 MiB are needed; free some or choose another"
                .formatted(temporary));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void refusesAPlaceWhereNothingCanBeMade() {
    // Not even root makes directories there, and nothing is free.
    assertThatThrownBy(() -> HomeDirectory.open(Path.of("/proc/millrace/home")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--home /proc/millrace/home");
  }

  @Test
  void refusesAFileInTheWay() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "x");
    assertThatThrownBy(() -> HomeDirectory.open(file.resolve("home")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(file + " is not a directory");
  }
}
