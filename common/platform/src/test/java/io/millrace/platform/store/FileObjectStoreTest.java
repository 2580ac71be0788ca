package io.millrace.platform.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectStore.IfPresent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
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
  protected ObjectStore store() {
    return store;
  }

  @Test
  void leavesNoDirectoryWithoutObjects() throws IOException {
    store.put("models/a/1/x", new byte[1], IfPresent.FAIL);
    store.put("models/a/2/x", new byte[1], IfPresent.FAIL);

    store.delete("models/a/1/x");
    assertThat(directory.resolve("objects/models/a/1")).doesNotExist();
    store.delete("models/a/2/x");
    assertThat(directory.resolve("objects/models")).doesNotExist();
    assertThat(directory.resolve("objects")).isDirectory();
  }

  /** Directories come and go with their objects, between any two steps of the others. */
  @Test
  void worksWhileOthersPutAndDelete() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> looks =
          others.submit(() -> {
            while (!over.get()) {
              look("models/a");
            }
            return null;
          });
      Future<?> puts = others.submit(() -> putAndDelete("models/a/1/x", IfPresent.FAIL));
      Future<?> replaces = others.submit(() -> putAndDelete("models/a/2/x", IfPresent.REPLACE));
      try {
        puts.get();
        replaces.get();
      } finally {
        over.set(true);
      }
      looks.get();
    }
    assertThat(directory.resolve("objects/models")).doesNotExist();
  }

  private @Nullable Void putAndDelete(String key, IfPresent ifPresent) throws IOException {
    for (int i = 0; i < 300; i++) {
      store.put(key, new byte[1], ifPresent);
      assertThat(store.delete(key)).isTrue();
    }
    return null;
  }

  private void look(String prefix) throws IOException {
    store.list(prefix);
    store.writtenAt(prefix);
    store.find(prefix + "/1/x");
    try {
      assertThat(store.read(prefix + "/1/x", 10)).hasSize(1);
    } catch (MillraceException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    }
  }

  @Test
  void doesNotFollowLinksOutOfItsDirectory() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Path root = directory.resolve("objects");
    Files.createSymbolicLink(root.resolve("file"), secret);
    Files.createSymbolicLink(root.resolve("dir"), directory);

    assertCode(ErrorCode.NOT_FOUND, () -> store.read("file", 10));
    assertCode(ErrorCode.NOT_FOUND, () -> store.materialise("dir"));
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
  void clearsAwayWhatIsStagedAndForgotten() throws IOException {
    Path forgotten = store.newStagingDirectory();
    Files.writeString(forgotten.resolve("part"), "half");
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(2));
    ObjectStore next = new FileObjectStore(directory.resolve("objects"), later);
    Path inUse = next.newStagingDirectory();
    Path written = Files.writeString(inUse.resolve("new"), "x");
    Files.setLastModifiedTime(written, FileTime.from(later.instant()));

    assertThat(next.clearStaging(Duration.ofHours(3))).isZero();
    assertThat(next.clearStaging(Duration.ofHours(1))).isEqualTo(2);

    assertThat(forgotten).doesNotExist();
    assertThat(written).exists();
  }

  @Test
  void leavesNothingInStaging() throws IOException {
    store.put("a", bytes("one"), IfPresent.FAIL);
    assertCode(ErrorCode.ALREADY_EXISTS, () -> store.put("a", bytes("two"), IfPresent.FAIL));

    assertThat(directory.resolve("objects/.staging")).isEmptyDirectory();
  }
}
