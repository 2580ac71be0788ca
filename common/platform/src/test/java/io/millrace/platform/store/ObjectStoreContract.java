package io.millrace.platform.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectStore.IfPresent;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every object store must do. */
public abstract class ObjectStoreContract {

  /** An empty store. */
  protected abstract ObjectStore store();

  @Test
  void keepsBytes() throws IOException {
    store().put("models/a/1/x.bin", bytes("one"), IfPresent.FAIL);

    assertThat(store().read("models/a/1/x.bin", 3)).isEqualTo(bytes("one"));
    try (Materialised files = store().materialise("models/a/1")) {
      assertThat(files.directory().resolve("x.bin")).hasContent("one");
    }
    assertThat(store().find("models/a/1/x.bin")).contains(new ObjectInfo("models/a/1/x.bin", 3));
  }

  @Test
  void replacesOnlyIfAskedTo() throws IOException {
    store().put("a", bytes("one"), IfPresent.FAIL);
    store().put("a", bytes("two"), IfPresent.REPLACE);

    assertCode(ErrorCode.ALREADY_EXISTS, () -> store().put("a", bytes("three"), IfPresent.FAIL));
    assertThat(store().read("a", 10)).isEqualTo(bytes("two"));
  }

  @Test
  void takesFilesOver() throws IOException {
    Path staging = store().newStagingDirectory();
    Path file = Files.writeString(staging.resolve("weights"), "w");

    store().putFile("models/a/1/weights", file, IfPresent.FAIL);

    assertThat(store().read("models/a/1/weights", 1)).isEqualTo(bytes("w"));
    assertThat(file).doesNotExist();
    Path second = Files.writeString(staging.resolve("weights"), "v");
    assertCode(
        ErrorCode.ALREADY_EXISTS,
        () -> store().putFile("models/a/1/weights", second, IfPresent.FAIL));
    assertThat(store().read("models/a/1/weights", 1)).isEqualTo(bytes("w"));
  }

  @Test
  void letsExactlyOneOfManyWin() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> attempts = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        byte[] content = bytes("writer " + i);
        attempts.add(
            executor.submit(() -> {
              try {
                store().put("race/winner", content, IfPresent.FAIL);
                return true;
              } catch (MillraceException e) {
                return false;
              }
            }));
      }
      int wins = 0;
      for (Future<Boolean> attempt : attempts) {
        wins += attempt.get() ? 1 : 0;
      }
      assertThat(wins).isOne();
    }
  }

  @Test
  void letsExactlyOneFileOfManyWin() throws Exception {
    Path staging = store().newStagingDirectory();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> attempts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String content = "writer " + i;
        Path file = Files.writeString(staging.resolve("file" + i), content);
        attempts.add(
            executor.submit(() -> {
              try {
                store().putFile("race/file", file, IfPresent.FAIL);
                return content;
              } catch (MillraceException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
                return "";
              }
            }));
      }
      List<String> winners = new ArrayList<>();
      for (Future<String> attempt : attempts) {
        winners.add(attempt.get());
      }
      winners.removeIf(String::isEmpty);
      assertThat(winners).containsExactly(new String(store().read("race/file", 100), UTF_8));
    }
  }

  @Test
  void givesTheSameObjectsToManyAtOnce() throws Exception {
    for (int i = 0; i < 4; i++) {
      store().put("models/a/" + i, bytes("content " + i), IfPresent.FAIL);
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Materialised>> attempts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        attempts.add(executor.submit(() -> store().materialise("models/a")));
      }
      Materialised kept = attempts.removeFirst().get();
      for (Future<Materialised> attempt : attempts) {
        try (Materialised files = attempt.get()) {
          assertThat(files.directory().resolve("3")).hasContent("content 3");
        }
      }
      // What others close is not taken away from those who still read.
      try (kept) {
        assertThat(kept.directory().resolve("0")).hasContent("content 0");
        assertThat(kept.directory().toFile().list()).containsExactlyInAnyOrder("0", "1", "2", "3");
      }
    }
  }

  @Test
  void listsWhatLiesBelowAPrefix() throws IOException {
    for (String key : List.of("m/a/2", "m/a/1", "m/a/x/3", "m/ab/1", "n")) {
      store().put(key, bytes(key), IfPresent.FAIL);
    }

    assertThat(store().list("m/a"))
        .extracting(ObjectInfo::key)
        .containsExactly("m/a/1", "m/a/2", "m/a/x/3");
    assertThat(store().list("nothing/here")).isEmpty();
  }

  @Test
  void givesWhatLiesBelowAPrefixAsFiles() throws IOException {
    for (String key : List.of("m/a/2", "m/a/x/3", "m/ab/1", "n")) {
      store().put(key, bytes(key), IfPresent.FAIL);
    }

    try (Materialised files = store().materialise("m/a")) {
      assertThat(files.directory().resolve("2")).hasContent("m/a/2");
      assertThat(files.directory().resolve("x/3")).hasContent("m/a/x/3");
      assertThat(files.directory().toFile().list()).containsExactlyInAnyOrder("2", "x");
    }
    // A store must not lose what was handed out.
    assertThat(store().read("m/a/2", 10)).isEqualTo(bytes("m/a/2"));
    assertCode(ErrorCode.NOT_FOUND, () -> store().materialise("nothing/here"));
    assertCode(ErrorCode.NOT_FOUND, () -> store().materialise("n"));
  }

  @Test
  void deletes() throws IOException {
    store().put("m/a", bytes("x"), IfPresent.FAIL);

    assertThat(store().delete("m/a")).isTrue();
    assertThat(store().delete("m/a")).isFalse();
    assertThat(store().find("m/a")).isEmpty();
    assertCode(ErrorCode.NOT_FOUND, () -> store().read("m/a", 1));
    assertCode(ErrorCode.NOT_FOUND, () -> store().materialise("m"));
  }

  @Test
  void saysWhenTheNewestObjectWasWritten() throws IOException {
    Instant before = Instant.now().minusSeconds(5);
    assertThat(store().writtenAt("models/new")).isEmpty();
    store().put("models/new/1/a", bytes("a"), IfPresent.FAIL);
    store().put("models/new/2/b", bytes("b"), IfPresent.FAIL);

    assertThat(store().writtenAt("models/new").orElseThrow())
        .isBetween(before, Instant.now().plusSeconds(5))
        .isAfterOrEqualTo(store().writtenAt("models/new/1").orElseThrow());
  }

  /** Writers go on while others delete what lies beside. */
  @Test
  void takesObjectsWhileOthersOfTheirPrefixAreDeleted() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> rounds = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String key = "shared/deep/deeper/" + i + "/x";
        rounds.add(
            executor.submit(() -> {
              for (int round = 0; round < 20; round++) {
                store().put(key, bytes("x"), IfPresent.FAIL);
                assertThat(store().list("shared")).isNotNull();
                assertThat(store().delete(key)).isTrue();
              }
              return true;
            }));
      }
      for (Future<Boolean> round : rounds) {
        assertThat(round.get()).isTrue();
      }
    }
    assertThat(store().list("shared")).isEmpty();
  }

  @Test
  void readsNoMoreThanTheLimit() throws IOException {
    store().put("m/a", bytes("four"), IfPresent.FAIL);

    assertThat(store().read("m/a", 4)).hasSize(4);
    assertCode(ErrorCode.PAYLOAD_TOO_LARGE, () -> store().read("m/a", 3));
  }

  @Test
  void hasNoObjectBelowAnObject() throws IOException {
    store().put("m/a", bytes("x"), IfPresent.FAIL);

    assertCode(
        ErrorCode.INVALID_ARGUMENT, () -> store().put("m/a/b", bytes("x"), IfPresent.REPLACE));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().put("m", bytes("x"), IfPresent.REPLACE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "a/./b",
        ".",
        ".staging/x",
        "a//b",
        "a/",
        "/a",
        "a\\b",
        "..\\x",
        "a\0b",
        "a\nb",
        "a b",
        "a#b",
        "a?b",
        "a%2e%2e/b",
        "%2e%2e/b",
        "~root",
        "file:///etc/passwd",
        "C:x",
        "ä",
        "a/\u2025/b",
        "-a",
        "_a",
        "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"
      })
  void refusesWhatIsNoKey(String key) {
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().put(key, bytes("x"), IfPresent.REPLACE));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().read(key, 1));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().materialise(key));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().find(key));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().list(key));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().delete(key));
  }

  @Test
  void refusesAKeyThatIsTooLong() {
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().find("a".repeat(129)));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store().find("a/".repeat(100_000) + "a"));
  }

  protected static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(MillraceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
