package io.millrace.platform.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.CopyingStore;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.Materialised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFilesTest {
  private static final String LOCATION = "models/shapes/3";

  @TempDir private Path directory;
  private FileObjectStore store;
  private CheckpointFiles checkpoints;
  private Path files;

  @BeforeEach
  void open() throws IOException {
    store = new FileObjectStore(directory);
    checkpoints = new CheckpointFiles(store);
    files = directory.toRealPath().resolve(LOCATION);
  }

  @Test
  void findsWhatItPublished() throws IOException {
    Path staged = staged("config.json", "model.safetensors");

    String digest = checkpoints.publish(LOCATION, staged).manifestSha256();

    assertThat(staged).doesNotExist();
    assertThat(checkpoints.verify(LOCATION, digest).directory()).isEqualTo(files);
    assertThat(files.resolve("model.safetensors")).hasContent("model.safetensors");
    assertThat(digest).isEqualTo(Sha256.of(files.resolve("manifest.json")));
  }

  @Test
  void namesAChangedByte() throws IOException {
    String digest = published();
    Files.writeString(files.resolve("model.safetensors"), "model.safetensorz");

    assertRefused(digest, "model.safetensors: expected SHA-256 ", ", found SHA-256 ");
  }

  @Test
  void namesAWrongSize() throws IOException {
    String digest = published();
    Files.writeString(files.resolve("model.safetensors"), "x");

    assertRefused(digest, "model.safetensors: expected 17 bytes, found 1 bytes");
  }

  @Test
  void namesAMissingFile() throws IOException {
    String digest = published();
    Files.delete(files.resolve("config.json"));

    assertRefused(digest, "config.json: expected a file, found none");
  }

  @Test
  void namesAFileTooMany() throws IOException {
    String digest = published();
    Files.writeString(files.resolve("extra.bin"), "x");

    assertRefused(digest, "extra.bin: expected no such file, found a file");
  }

  @Test
  void namesAnotherManifest() throws IOException {
    String digest = published();
    Path manifest = files.resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("17", "18"));

    assertRefused(digest, "manifest.json: expected SHA-256 " + digest);
  }

  @Test
  void refusesACheckpointWithoutManifest() throws IOException {
    String digest = published();
    Files.delete(files.resolve("manifest.json"));

    assertRefused(digest, "manifest.json: expected a file, found none");
  }

  @Test
  void refusesAManifestThatIsNone() throws IOException {
    published();
    Path manifest = files.resolve("manifest.json");
    for (String text : new String[] {"[]", "{\"format\": 2, \"files\": []}", "{\"a\": 1}", "x"}) {
      Files.writeString(manifest, text);
      assertRefused(Sha256.of(manifest), "manifest.json: expected ");
    }
  }

  @Test
  void refusesAManifestThatNamesAFileElsewhere() throws IOException {
    published();
    Path manifest = files.resolve("manifest.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace("config.json", "../4/config.json"));

    assertThatThrownBy(() -> checkpoints.verify(LOCATION, Sha256.of(manifest)))
        .isInstanceOf(CheckpointException.class);
  }

  @Test
  void publishesALocationOnce() throws IOException {
    published();

    assertThatThrownBy(() -> checkpoints.publish(LOCATION, staged("config.json")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("exists already");
  }

  @Test
  void clearsWhatAnInterruptedAttemptLeft() throws IOException {
    Files.createDirectories(files);
    Files.writeString(files.resolve("config.json"), "half a config");
    Files.writeString(files.resolve("old-name.bin"), "left");

    String digest = published();

    assertThat(checkpoints.verify(LOCATION, digest).directory()).isEqualTo(files);
    assertThat(files.resolve("old-name.bin")).doesNotExist();
  }

  @Test
  void refusesAnythingButPlainFiles() throws IOException {
    Path staged = staged("config.json");
    Files.createDirectory(staged.resolve("more"));

    assertThatThrownBy(() -> checkpoints.publish(LOCATION, staged))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> checkpoints.publish(LOCATION, store.newStagingDirectory()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A store that is not of files has to know when its copies can go. */
  @Test
  void givesBackTheFilesOfACheckpointThatItRefuses() throws IOException {
    String digest = published();
    CopyingStore copying = new CopyingStore(store, directory.resolve("copies"));
    CheckpointFiles remote = new CheckpointFiles(copying);

    try (Materialised copied = remote.verify(LOCATION, digest)) {
      assertThat(copied.directory()).isNotEqualTo(files);
      assertThat(copied.directory().resolve("config.json")).hasContent("config.json");
      assertThat(copying.copies()).hasSize(1);
    }
    assertThat(copying.copies()).isEmpty();
    Files.writeString(files.resolve("model.safetensors"), "model.safetensorz");
    assertThatThrownBy(() -> remote.verify(LOCATION, digest))
        .isInstanceOf(CheckpointException.class);
    assertThat(copying.copies()).isEmpty();
  }

  private String published() throws IOException {
    return checkpoints
        .publish(LOCATION, staged("config.json", "model.safetensors"))
        .manifestSha256();
  }

  private Path staged(String... names) throws IOException {
    Path staged = store.newStagingDirectory();
    for (String name : names) {
      Files.writeString(staged.resolve(name), name);
    }
    return staged;
  }

  private void assertRefused(String digest, String... parts) {
    assertThatThrownBy(() -> checkpoints.verify(LOCATION, digest))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts)
        .hasMessageStartingWith(LOCATION + "/");
  }
}
