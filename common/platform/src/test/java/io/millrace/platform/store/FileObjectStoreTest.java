package io.millrace.platform.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.store.ObjectStore.IfPresent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest extends ObjectStoreContract {
  @TempDir private Path directory;
  private ObjectStore store;

  @BeforeEach
  void open() throws IOException {
    store = new FileObjectStore(directory.resolve("objects"));
  }

  @Override
  ObjectStore store() {
    return store;
  }

  @Test
  void doesNotFollowLinksOutOfItsDirectory() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Path root = directory.resolve("objects");
    Files.createSymbolicLink(root.resolve("file"), secret);
    Files.createSymbolicLink(root.resolve("dir"), directory);

    assertCode(ErrorCode.NOT_FOUND, () -> store.read("file", 10));
    assertCode(ErrorCode.NOT_FOUND, () -> store.localPath("dir/secret"));
    assertThat(store.find("dir/secret")).isEmpty();
    assertThat(store.list("dir")).isEmpty();
    assertThat(store.delete("dir/secret")).isFalse();
    assertCode(
        ErrorCode.INVALID_ARGUMENT,
        () -> store.put("dir/outside/x", bytes("x"), IfPresent.REPLACE));
    assertThat(outside).isEmptyDirectory();
    assertThat(secret).hasContent("secret");
  }

  @Test
  void replacesALinkRatherThanWhatItLeadsTo() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Files.createSymbolicLink(directory.resolve("objects/file"), secret);

    store.put("file", bytes("mine"), IfPresent.REPLACE);

    assertThat(secret).hasContent("secret");
    assertThat(store.read("file", 10)).isEqualTo(bytes("mine"));
  }

  @Test
  void leavesNothingInStaging() throws IOException {
    store.put("a", bytes("one"), IfPresent.FAIL);
    assertCode(ErrorCode.ALREADY_EXISTS, () -> store.put("a", bytes("two"), IfPresent.FAIL));

    assertThat(directory.resolve("objects/.staging")).isEmptyDirectory();
  }
}
