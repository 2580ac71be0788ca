package io.millrace.platform.checkpoint;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.DamagedObjectException;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.IfPresent;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checkpoints in an object store: files under a location such as {@code models/shapes/3}, and
 * {@code manifest.json} with name, size and SHA-256 of each, written last. A checkpoint without a
 * manifest does not exist.
 */
public final class CheckpointFiles {
  private static final int MAX_MANIFEST = 1 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final ObjectStore store;

  /** Checkpoints in that store. */
  public CheckpointFiles(ObjectStore store) {
    this.store = store;
  }

  /**
   * Publishes the files of a directory made by {@link ObjectStore#newStagingDirectory()}, and
   * deletes the directory. Files that an earlier, interrupted attempt left under the location are
   * replaced or deleted.
   *
   * @return what identifies the checkpoint
   * @throws MillraceException ALREADY_EXISTS if the location has a manifest
   * @throws IllegalArgumentException if the directory is empty or has anything but plain files
   */
  public StoredFiles publish(String location, Path directory) throws IOException {
    if (store.find(location + "/" + Manifest.NAME).isPresent()) {
      throw MillraceException.alreadyExists("checkpoint", location);
    }
    List<Path> files = plainFiles(directory);
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      names.add(location + "/" + file.getFileName());
    }
    for (ObjectInfo left : store.list(location)) {
      if (!names.contains(left.key())) {
        store.delete(left.key());
      }
    }
    List<Manifest.Entry> entries = new ArrayList<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      entries.add(new Manifest.Entry(name, Files.size(file), Sha256.of(file)));
      store.putFile(location + "/" + name, file, IfPresent.REPLACE);
    }
    byte[] manifest =
        JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsBytes(new Manifest(Manifest.FORMAT, entries));
    store.put(location + "/" + Manifest.NAME, manifest, IfPresent.FAIL);
    Files.delete(directory);
    long bytes = entries.stream().mapToLong(Manifest.Entry::size).sum() + manifest.length;
    return new StoredFiles(Sha256.of(manifest), bytes);
  }

  /** Deletes a checkpoint, its manifest first: without it, it does not exist. */
  public void delete(String location) throws IOException {
    store.delete(location + "/" + Manifest.NAME);
    for (ObjectInfo object : store.list(location)) {
      store.delete(object.key());
    }
  }

  /**
   * Reads every byte of a checkpoint and compares it with its manifest.
   *
   * @param manifestSha256 what {@link #publish} returned, from the registry
   * @return a local directory with the files, to be closed when they are read
   * @throws CheckpointException naming the file, what was expected and what was found
   */
  public Materialised verify(String location, String manifestSha256) throws IOException {
    if (store.find(location + "/" + Manifest.NAME).isEmpty()) {
      throw CheckpointException.missing(location, Manifest.NAME);
    }
    byte[] bytes = readManifest(location);
    String actual = Sha256.of(bytes);
    if (!actual.equals(manifestSha256)) {
      throw new CheckpointException(
          location, Manifest.NAME, "SHA-256 " + manifestSha256, "SHA-256 " + actual);
    }
    Manifest manifest = parse(location, bytes);
    requireSameNames(location, manifest);
    Materialised files = materialise(location);
    try {
      for (Manifest.Entry entry : manifest.files()) {
        verify(location, entry, files.directory().resolve(entry.name()));
      }
      return files;
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  private Materialised materialise(String location) throws IOException {
    try {
      return store.materialise(location);
    } catch (DamagedObjectException e) {
      throw damaged(location, e);
    }
  }

  private byte[] readManifest(String location) throws IOException {
    try {
      return store.read(location + "/" + Manifest.NAME, MAX_MANIFEST);
    } catch (DamagedObjectException e) {
      throw damaged(location, e);
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.PAYLOAD_TOO_LARGE) {
        throw new CheckpointException(
            location, Manifest.NAME, "at most " + MAX_MANIFEST + " bytes", "more");
      }
      throw e;
    }
  }

  private static CheckpointException damaged(String location, DamagedObjectException e) {
    return new CheckpointException(
        location,
        e.key().substring(location.length() + 1),
        "SHA-256 " + e.expectedSha256(),
        "SHA-256 " + e.actualSha256());
  }

  private static Manifest parse(String location, byte[] bytes) {
    try {
      Manifest manifest = JSON.readValue(bytes, Manifest.class);
      if (manifest.format() != Manifest.FORMAT) {
        throw new CheckpointException(
            location, Manifest.NAME, "format " + Manifest.FORMAT, "format " + manifest.format());
      }
      return manifest;
    } catch (JacksonException e) {
      throw new CheckpointException(location, Manifest.NAME, "a manifest", e.getOriginalMessage());
    }
  }

  private void requireSameNames(String location, Manifest manifest) throws IOException {
    Set<String> expected = new HashSet<>();
    manifest.files().forEach(entry -> expected.add(location + "/" + entry.name()));
    expected.add(location + "/" + Manifest.NAME);
    for (ObjectInfo found : store.list(location)) {
      if (!expected.remove(found.key())) {
        throw new CheckpointException(
            location, found.key().substring(location.length() + 1), "no such file", "a file");
      }
    }
    for (String missing : expected) {
      throw CheckpointException.missing(location, missing.substring(location.length() + 1));
    }
  }

  private static void verify(String location, Manifest.Entry entry, Path file) throws IOException {
    long size = Files.size(file);
    if (size != entry.size()) {
      throw new CheckpointException(
          location, entry.name(), entry.size() + " bytes", size + " bytes");
    }
    String sha256 = Sha256.of(file);
    if (!sha256.equals(entry.sha256())) {
      throw new CheckpointException(
          location, entry.name(), "SHA-256 " + entry.sha256(), "SHA-256 " + sha256);
    }
  }

  private static List<Path> plainFiles(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files = entries.sorted().toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException("no files in " + directory);
      }
      for (Path file : files) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || file.endsWith(Manifest.NAME)) {
          throw new IllegalArgumentException("not a file for a checkpoint: " + file);
        }
      }
      return files;
    }
  }
}
