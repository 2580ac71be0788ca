package io.millrace.platform.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.store.Materialised;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCacheTest {
  private static final int SIZE = 100;

  @TempDir private Path directory;

  @Test
  void keepsNoMoreThanItsLimitAndForgetsTheOldestFirst() throws IOException {
    try (LocalCache cache = new LocalCache(directory, 2 * SIZE);
        Materialised open = cache.newDirectory()) {
      String first = place(cache, open, "a");
      String second = place(cache, open, "b");
      setUsed(first, Instant.parse("2026-01-02T00:00:00Z"));
      setUsed(second, Instant.parse("2026-01-01T00:00:00Z"));

      String third = place(cache, open, "c");

      assertThat(kept()).containsExactlyInAnyOrder(first, third);
      // What is open stays, also if the next reader has to fetch it again.
      assertThat(open.directory().resolve("b")).content().hasSize(SIZE);
    }
  }

  @Test
  void servesWhatIsLargerThanItsLimit() throws IOException {
    try (LocalCache cache = new LocalCache(directory, SIZE - 1);
        Materialised open = cache.newDirectory()) {
      place(cache, open, "a");

      assertThat(kept()).isEmpty();
      assertThat(open.directory().resolve("a")).content().hasSize(SIZE);
    }
  }

  @Test
  void isSharedByStoresAndOutlivesThem() throws IOException {
    String sha256;
    try (LocalCache first = new LocalCache(directory, 10 * SIZE);
        LocalCache second = new LocalCache(directory, 10 * SIZE)) {
      try (Materialised open = first.newDirectory()) {
        sha256 = place(first, open, "a");
      }
      try (Materialised open = second.newDirectory()) {
        second.place(open.directory().resolve("x"), Optional.of(sha256), LocalCacheTest::missing);
        assertThat(open.directory().resolve("x")).hasContent("a".repeat(SIZE));
      }
      assertThat(rooms()).hasSize(2);
    }
    assertThat(rooms()).isEmpty();
    try (LocalCache next = new LocalCache(directory, 10 * SIZE);
        Materialised open = next.newDirectory()) {
      next.place(open.directory().resolve("x"), Optional.of(sha256), LocalCacheTest::missing);
    }
  }

  private static String missing(Path file) {
    throw new AssertionError("it is in the cache: " + file);
  }

  private static String place(LocalCache cache, Materialised open, String letter)
      throws IOException {
    String content = letter.repeat(SIZE);
    String sha256 = Digests.sha256(new ByteArrayInputStream(content.getBytes(UTF_8)));
    cache.place(
        open.directory().resolve(letter),
        Optional.of(sha256),
        file -> {
          Files.writeString(file, content);
          return sha256;
        });
    return sha256;
  }

  private void setUsed(String sha256, Instant time) throws IOException {
    Files.setLastModifiedTime(directory.resolve("sha256").resolve(sha256), FileTime.from(time));
  }

  private List<String> kept() throws IOException {
    return names(directory.resolve("sha256"));
  }

  private List<String> rooms() throws IOException {
    return names(directory).stream().filter(name -> name.startsWith("room-")).toList();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }
}
