package io.millrace.platform.store.s3;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A directory inside of the cache that one store has for itself as long as it is open. It holds a
 * lock there, which ends with the process: whoever opens the next deletes the rooms of the dead.
 */
final class CacheRoom implements AutoCloseable {
  private static final String ROOM = "room-";
  private static final String LOCK = "lock";

  /** Rooms of this process: a second channel to a lock's file would end the lock when closed. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private CacheRoom(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** A new room; its directory is the caller's but for the lock's file. */
  static CacheRoom open(Path cache) throws IOException {
    synchronized (OWN) {
      // One process at a time, or a room might be taken for a dead one before it is locked.
      try (FileChannel all = channel(cache.resolve(LOCK));
          FileLock _ = all.lock()) {
        clear(cache);
        Path directory = Files.createDirectory(cache.resolve(ROOM + UUID.randomUUID()));
        FileChannel channel = channel(directory.resolve(LOCK));
        channel.lock();
        OWN.add(directory);
        return new CacheRoom(directory, channel);
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** Deletes a directory with all that is in it; it may be gone already. */
  static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // It is gone.
    }
  }

  @Override
  public void close() throws IOException {
    Path lock = directory.resolveSibling(LOCK);
    synchronized (OWN) {
      // Whoever opens a room would find this one unlocked, and delete it at the same time.
      try (FileChannel all = channel(lock);
          FileLock _ = all.lock()) {
        channel.close();
        delete(directory);
      } catch (NoSuchFileException e) {
        // The cache is gone, and the room with it.
      } finally {
        channel.close();
        OWN.remove(directory);
      }
    }
  }

  private static void clear(Path cache) throws IOException {
    List<Path> others;
    try (Stream<Path> rooms = Files.list(cache)) {
      others =
          rooms
              .filter(room -> String.valueOf(room.getFileName()).startsWith(ROOM))
              .filter(room -> !OWN.contains(room))
              .toList();
    }
    for (Path room : others) {
      try (FileChannel channel = channel(room.resolve(LOCK));
          FileLock lock = channel.tryLock()) {
        if (lock != null) {
          delete(room);
        }
      }
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
