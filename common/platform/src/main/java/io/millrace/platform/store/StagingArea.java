package io.millrace.platform.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Files on their way into a store, beside its objects. Those who write them may die meanwhile. */
final class StagingArea {
  private final Path directory;
  private final Clock clock;

  StagingArea(Path directory, Clock clock) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.clock = clock;
  }

  Path newFile() throws IOException {
    return Files.createTempFile(directory, "put", "");
  }

  Path newDirectory() throws IOException {
    return Files.createTempDirectory(directory, "files");
  }

  /**
   * Deletes what nobody has written to for a time.
   *
   * @return how many files and directories
   */
  int clear(Duration unused) throws IOException {
    FileTime before = FileTime.from(clock.instant().minus(unused));
    int deleted = 0;
    for (Path staged : children(directory)) {
      List<Path> files =
          Files.isDirectory(staged, LinkOption.NOFOLLOW_LINKS) ? children(staged) : List.of();
      if (isOlder(staged, before) && files.stream().allMatch(file -> isOlder(file, before))) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
        Files.deleteIfExists(staged);
        deleted += 1 + files.size();
      }
    }
    return deleted;
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  /** Whether it was last written before a time; what has just gone is not. */
  private static boolean isOlder(Path file, FileTime time) {
    try {
      return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).compareTo(time) < 0;
    } catch (IOException e) {
      return false;
    }
  }
}
