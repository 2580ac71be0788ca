package io.millrace.platform.store.s3;

import io.millrace.platform.store.Materialised;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of objects on this machine, each once, by its SHA-256. A directory that is handed out has
 * links to them: a copy that is cleared away meanwhile stays as long as the directory does. Several
 * processes may use one cache.
 *
 * <p>The copies that wait for the next reader take no more bytes than the limit; those that were
 * not used for longest go first. What is open counts only as long as it is one of these.
 */
final class LocalCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCache.class);

  private static final int LOCKS = 64;

  private final Path blobs;
  private final CacheRoom room;
  private final long limit;
  private final List<ReentrantLock> locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
  private final ReentrantLock eviction = new ReentrantLock();

  /**
   * A cache.
   *
   * @param directory made if it does not exist
   * @param limit in bytes
   */
  LocalCache(Path directory, long limit) throws IOException {
    Path root = directory.toAbsolutePath().normalize();
    this.blobs = Files.createDirectories(root.resolve("sha256"));
    this.room = CacheRoom.open(root);
    this.limit = limit;
  }

  /** Brings an object. */
  @FunctionalInterface
  interface Download {
    /** Writes it to a new file; SHA-256 of what it wrote. */
    String to(Path file) throws IOException;
  }

  /** A new, empty directory for files on their way out. */
  Path newStagingDirectory() throws IOException {
    return Files.createTempDirectory(room.directory(), "staging");
  }

  /** A new, empty directory that is deleted when it is closed. */
  Materialised newDirectory() throws IOException {
    Path directory = Files.createTempDirectory(room.directory(), "open");
    return new Materialised(
        directory,
        () -> {
          try {
            CacheRoom.delete(directory);
          } catch (IOException e) {
            throw new UncheckedIOException("cannot delete copies of objects", e);
          }
        });
  }

  /**
   * Puts an object at a place in such a directory: from the cache if it is there undamaged, else by
   * downloading it, which only one of those does who want it at the same time.
   *
   * @param sha256 of the object, if it is known; without, it is downloaded and not kept
   */
  void place(Path target, Optional<String> sha256, Download download) throws IOException {
    if (sha256.isEmpty()) {
      download.to(target);
      return;
    }
    ReentrantLock lock = locks.get(Math.floorMod(sha256.get().hashCode(), LOCKS));
    lock.lock();
    try {
      if (!linkKept(sha256.get(), target)) {
        keep(target, download.to(target));
      }
    } finally {
      lock.unlock();
    }
    evict();
  }

  private boolean linkKept(String sha256, Path target) throws IOException {
    Path kept = blobs.resolve(sha256);
    try {
      Files.createLink(target, kept);
    } catch (NoSuchFileException e) {
      return false;
    }
    try (InputStream in = Files.newInputStream(target)) {
      if (Digests.sha256(in).equals(sha256)) {
        touch(kept);
        return true;
      }
    }
    LOG.warn("a copy in the cache is damaged and is fetched again: {}", kept);
    Files.deleteIfExists(kept);
    Files.delete(target);
    return false;
  }

  private void keep(Path file, String sha256) throws IOException {
    try {
      Files.createLink(blobs.resolve(sha256), file);
    } catch (FileAlreadyExistsException e) {
      // Another process was first.
    }
  }

  private static void touch(Path kept) {
    try {
      Files.setLastModifiedTime(kept, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("cleared away meanwhile: {}", kept);
    }
  }

  private record Kept(Path file, long size, FileTime used) {}

  private void evict() throws IOException {
    eviction.lock();
    try {
      List<Kept> kept = kept();
      long total = kept.stream().mapToLong(Kept::size).sum();
      for (Kept oldest : kept) {
        if (total <= limit) {
          return;
        }
        Files.deleteIfExists(oldest.file());
        total -= oldest.size();
      }
    } finally {
      eviction.unlock();
    }
  }

  /** All copies, the one that was not used for longest first. */
  private List<Kept> kept() throws IOException {
    try (Stream<Path> files = Files.list(blobs)) {
      return files
          .flatMap(file -> {
            try {
              return Stream.of(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
            } catch (IOException goneMeanwhile) {
              return Stream.of();
            }
          })
          .sorted(Comparator.comparing(Kept::used))
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    room.close();
  }
}
