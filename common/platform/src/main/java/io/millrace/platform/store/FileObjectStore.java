package io.millrace.platform.store;

import io.millrace.input.FileFaults;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Objects as files below one directory, which several processes of one host, or of a shared file
 * system, may use together.
 *
 * <p>An object is written beside, forced to the disk, and then moved (replace) or linked (no
 * replace) to its place, both in one step. What a symbolic link leads out of the directory is not
 * an object. Staging files live in {@code .staging}, which no key can name.
 */
public final class FileObjectStore implements ObjectStore {
  private static final String STAGING = ".staging";
  private static final int MAX_TRIES = 10;

  private final Path root;
  private final ObjectPlaces places;
  private final StagingArea staging;

  /**
   * A store; its directory is made if it does not exist.
   *
   * @throws IOException if the directory cannot be made or written
   */
  public FileObjectStore(Path directory) throws IOException {
    this(directory, Clock.systemUTC());
  }

  FileObjectStore(Path directory, Clock clock) throws IOException {
    Files.createDirectories(directory);
    this.root = directory.toRealPath();
    this.places = new ObjectPlaces(root);
    this.staging = new StagingArea(root.resolve(STAGING), clock);
  }

  @Override
  public void put(String key, byte[] content, IfPresent ifPresent) throws IOException {
    places.place(key);
    Path staged = staging.newFile();
    try {
      FileFaults.run(staged, () -> Files.write(staged, content));
      settle(key, staged, ifPresent);
    } finally {
      Files.deleteIfExists(staged);
    }
  }

  @Override
  public void putFile(String key, Path file, IfPresent ifPresent) throws IOException {
    places.place(key);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString(), null, "not a regular file");
    }
    if (Files.getFileStore(file).equals(Files.getFileStore(root))) {
      settle(key, file, ifPresent);
      Files.deleteIfExists(file);
      return;
    }
    Path staged = staging.newFile();
    try {
      FileFaults.run(staged, () -> Files.copy(file, staged, StandardCopyOption.REPLACE_EXISTING));
      settle(key, staged, ifPresent);
    } finally {
      Files.deleteIfExists(staged);
    }
    Files.deleteIfExists(file);
  }

  @Override
  public byte[] read(String key, int limit) throws IOException {
    Path file = places.existing(key);
    try {
      return FileFaults.naming(file, () -> read(key, file, limit));
    } catch (NoSuchFileException e) {
      throw MillraceException.notFound("object", key);
    }
  }

  private static byte[] read(String key, Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit);
      if (in.read() >= 0) {
        throw new MillraceException(
            ErrorCode.PAYLOAD_TOO_LARGE, "object " + key + " has more than " + limit + " bytes");
      }
      return bytes;
    }
  }

  @Override
  public Materialised materialise(String prefix) throws IOException {
    if (list(prefix).isEmpty()) {
      throw MillraceException.notFound("objects", prefix);
    }
    return Materialised.lasting(root.resolve(prefix));
  }

  @Override
  public Optional<ObjectInfo> find(String key) throws IOException {
    Path path = root.resolve(ObjectKeys.require(key));
    try {
      return places.isObject(path)
          ? Optional.of(new ObjectInfo(key, Files.size(path)))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<ObjectInfo> list(String prefix) throws IOException {
    Path start = root.resolve(ObjectKeys.require(prefix));
    if (!Files.isDirectory(start) || !ObjectPlaces.isInside(start)) {
      return List.of();
    }
    for (int tries = 1; ; tries++) {
      try (Stream<Path> files = Files.walk(start)) {
        return files
            .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
            .map(file -> new ObjectInfo(places.key(file), size(file)))
            .sorted(Comparator.comparing(ObjectInfo::key))
            .toList();
      } catch (java.io.UncheckedIOException e) {
        // What somebody deletes meanwhile is not there the next time.
        if (tries == MAX_TRIES || !(e.getCause() instanceof NoSuchFileException)) {
          throw e.getCause();
        }
      } catch (NoSuchFileException e) {
        return List.of();
      }
    }
  }

  @Override
  public Optional<Instant> writtenAt(String prefix) throws IOException {
    Optional<Instant> newest = Optional.empty();
    for (ObjectInfo object : list(prefix)) {
      try {
        Instant written = Files.getLastModifiedTime(root.resolve(object.key())).toInstant();
        newest = Optional.of(newest.filter(written::isBefore).orElse(written));
      } catch (NoSuchFileException e) {
        // Somebody has deleted it meanwhile: as if it had not been listed.
        continue;
      }
    }
    return newest;
  }

  @Override
  public boolean delete(String key) throws IOException {
    Path path = root.resolve(ObjectKeys.require(key));
    boolean deleted = places.isObject(path) && Files.deleteIfExists(path);
    if (deleted) {
      deleteEmptyDirectories(ObjectPlaces.directoryOf(path));
    }
    return deleted;
  }

  private void deleteEmptyDirectories(Path lowest) throws IOException {
    try {
      for (Path empty = lowest; !empty.equals(root); empty = ObjectPlaces.directoryOf(empty)) {
        Files.deleteIfExists(empty);
      }
    } catch (DirectoryNotEmptyException e) {
      // Others have objects there.
      return;
    }
  }

  @Override
  public Path newStagingDirectory() throws IOException {
    return staging.newDirectory();
  }

  @Override
  public int clearStaging(Duration unused) throws IOException {
    return staging.clear(unused);
  }

  /** Whoever deletes the last object of a directory meanwhile deletes the directory, too. */
  private void settle(String key, Path staged, IfPresent ifPresent) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        settle(key, staged, places.place(key), ifPresent);
        return;
      } catch (NoSuchFileException e) {
        if (tries == MAX_TRIES || !Files.exists(staged)) {
          throw e;
        }
      }
    }
  }

  private static void settle(String key, Path staged, Path target, IfPresent ifPresent)
      throws IOException {
    force(staged);
    switch (ifPresent) {
      case REPLACE -> moveAtomically(staged, target);
      case FAIL -> {
        try {
          // A link fails if the name is taken, which a move does not.
          Files.createLink(target, staged);
        } catch (FileAlreadyExistsException e) {
          throw new MillraceException(
              ErrorCode.ALREADY_EXISTS, "object '" + key + "' exists already", e);
        }
      }
    }
    try {
      force(ObjectPlaces.directoryOf(target));
    } catch (NoSuchFileException e) {
      // Somebody has deleted the object already: it must not be put there again.
      return;
    }
  }

  private static void moveAtomically(Path staged, Path target) throws IOException {
    try {
      Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          "the file system of " + target + " cannot replace files in one step", e);
    }
  }

  private static void force(Path path) throws IOException {
    FileFaults.run(
        path,
        () -> {
          try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
          }
        });
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
