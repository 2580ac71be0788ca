package io.millrace.platform.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A store that hands out copies of another's objects, as one that is not of files has to. */
public final class CopyingStore implements ObjectStore {
  private final ObjectStore store;
  private final Path copies;

  /** A store whose copies lie in a directory. */
  public CopyingStore(ObjectStore store, Path copies) throws IOException {
    this.store = store;
    this.copies = Files.createDirectories(copies);
  }

  /** The copies that nobody has closed. */
  public List<Path> copies() throws IOException {
    try (Stream<Path> open = Files.list(copies)) {
      return open.toList();
    }
  }

  @Override
  public Materialised materialise(String prefix) throws IOException {
    try (Materialised original = store.materialise(prefix)) {
      Path directory = Files.createTempDirectory(copies, "copy");
      for (ObjectInfo object : store.list(prefix)) {
        Path name = Path.of(prefix).relativize(Path.of(object.key()));
        Path target = directory.resolve(name);
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(original.directory().resolve(name), target);
      }
      return new Materialised(directory, () -> delete(directory));
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void put(String key, byte[] content, IfPresent ifPresent) throws IOException {
    store.put(key, content, ifPresent);
  }

  @Override
  public void putFile(String key, Path file, IfPresent ifPresent) throws IOException {
    store.putFile(key, file, ifPresent);
  }

  @Override
  public byte[] read(String key, int limit) throws IOException {
    return store.read(key, limit);
  }

  @Override
  public Optional<ObjectInfo> find(String key) throws IOException {
    return store.find(key);
  }

  @Override
  public List<ObjectInfo> list(String prefix) throws IOException {
    return store.list(prefix);
  }

  @Override
  public Optional<Instant> writtenAt(String prefix) throws IOException {
    return store.writtenAt(prefix);
  }

  @Override
  public boolean delete(String key) throws IOException {
    return store.delete(key);
  }

  @Override
  public Path newStagingDirectory() throws IOException {
    return store.newStagingDirectory();
  }

  @Override
  public int clearStaging(Duration unused) throws IOException {
    return store.clearStaging(unused);
  }
}
