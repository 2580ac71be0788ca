package io.millrace.standalone.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HomeCopyTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-27T12:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;
  private Path home;
  private Path backup;
  private Path restored;

  @BeforeEach
  void make() throws IOException {
    home = Files.createDirectories(directory.resolve("home"));
    backup = directory.resolve("backup");
    restored = Files.createDirectories(directory.resolve("restored"));
    Files.writeString(home.resolve("secret"), "of the platform");
    Files.createDirectories(home.resolve("postgres/data/pg_notify"));
    Files.writeString(home.resolve("postgres/data/PG_VERSION"), "18");
    Files.writeString(home.resolve("postgres/data/postmaster.pid"), "4711");
    Files.writeString(home.resolve("postgres/postgres.log"), "hello");
    Files.writeString(home.resolve("in-use.lock"), "");
    Files.createDirectories(home.resolve("tmp/tomcat"));
    Files.writeString(Files.createDirectories(home.resolve("log")).resolve("millrace.log"), "");
    Path disk = Files.createDirectories(directory.resolve("disk"));
    Files.write(disk.resolve("model"), new byte[100_000]);
    Files.createSymbolicLink(home.resolve("objects"), disk);
  }

  @Test
  void bringsBackWhatIsKeptAndNothingElse() throws IOException {
    HomeCopy.backUp(home, backup, CLOCK);
    BackupManifest manifest = BackupManifest.read(backup);
    HomeCopy.restore(manifest, backup, restored);

    assertThat(manifest.created()).isEqualTo(CLOCK.instant());
    assertThat(manifest.files())
        .extracting(BackupManifest.Entry::name)
        .containsExactlyInAnyOrder("secret", "postgres/data/PG_VERSION", "objects/model");
    assertThat(restored.resolve("secret")).hasContent("of the platform");
    assertThat(restored.resolve("objects/model")).hasSize(100_000);
    assertThat(restored.resolve("postgres/data/pg_notify")).isEmptyDirectory();
    assertThat(restored.resolve("tmp")).doesNotExist();
  }

  @Test
  void keepsSecretsSecret() throws IOException {
    HomeCopy.backUp(home, backup, CLOCK);
    HomeCopy.restore(BackupManifest.read(backup), backup, restored);

    assertThat(permissions(backup)).isEqualTo("rwx------");
    assertThat(permissions(backup.resolve("data/secret"))).isEqualTo("rw-------");
    assertThat(permissions(restored.resolve("secret"))).isEqualTo("rw-------");
    assertThat(permissions(restored.resolve("postgres/data"))).isEqualTo("rwx------");
  }

  @Test
  void refusesABackupThatWasChanged() throws IOException {
    HomeCopy.backUp(home, backup, CLOCK);
    BackupManifest manifest = BackupManifest.read(backup);
    byte[] model = Files.readAllBytes(backup.resolve("data/objects/model"));
    model[50_000] ^= 1;
    Files.write(backup.resolve("data/objects/model"), model);

    assertThatThrownBy(() -> HomeCopy.restore(manifest, backup, restored))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("data/objects/model is not as it was backed up");
  }

  @Test
  void refusesABackupThatLacksAFile() throws IOException {
    HomeCopy.backUp(home, backup, CLOCK);
    Files.delete(backup.resolve("data/secret"));

    assertThatThrownBy(() -> HomeCopy.restore(BackupManifest.read(backup), backup, restored))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("data/secret is missing");
  }

  @Test
  void refusesWhatIsNoFinishedBackup() throws IOException {
    assertThatThrownBy(() -> BackupManifest.read(home))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is no backup, or one that was broken off");
    Files.writeString(home.resolve("backup.json"), "{\"format\": ");
    assertThatThrownBy(() -> BackupManifest.read(home)).hasMessageContaining("is damaged");
    Files.writeString(
        home.resolve("backup.json"),
        "{\"format\": 2, \"created\": \"2026-11-27T12:00:00Z\", \"directories\": [], \"files\": []}");
    assertThatThrownBy(() -> BackupManifest.read(home)).hasMessageContaining("is of format 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../outside", "/etc/passwd", ".", "a/../../b"})
  void refusesNamesThatLeadOutOfTheHome(String name) {
    BackupManifest manifest =
        new BackupManifest(
            1,
            CLOCK.instant(),
            java.util.List.of(),
            java.util.List.of(new BackupManifest.Entry(name, 0, "")));

    assertThatThrownBy(() -> HomeCopy.restore(manifest, backup, restored))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("outside of it");
  }

  @Test
  void overwritesNothing() throws IOException {
    Files.createDirectories(backup);
    Files.writeString(backup.resolve("mine"), "");

    assertThatThrownBy(() -> HomeCopy.backUp(home, backup, CLOCK))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is not empty, it has mine");
    HomeCopy.requireEmpty(backup, "--home", Set.of("mine"));
  }

  @Test
  void aHomeThatIsHalfRestoredIsNotOpened() throws IOException {
    Files.createFile(restored.resolve(HomeDirectory.UNFINISHED_RESTORE));

    assertThatThrownBy(() -> HomeDirectory.open(restored))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("was not restored to the end; delete it and restore again");
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
