package io.millrace.platform.store;

import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Objects under keys such as {@code models/shapes/3/model.safetensors}.
 *
 * <p>A key has 1 to 16 parts divided by {@code /}; a part is {@code [A-Za-z0-9][A-Za-z0-9._-]*} of
 * at most 128 characters. An object is there completely or not at all. Methods that take a key
 * throw a {@link MillraceException} INVALID_ARGUMENT for one that is not, and UNAVAILABLE if a
 * store that is not on this machine does not answer or does not permit it: the same may work later.
 * So it may after a {@link java.nio.file.FileSystemException}, which is what a file system's faults
 * are.
 */
public interface ObjectStore {

  /** What to do about an object that exists already. */
  enum IfPresent {
    /** Replace it, in one step. */
    REPLACE,
    /** Leave it and throw ALREADY_EXISTS. */
    FAIL
  }

  /**
   * Stores bytes.
   *
   * @throws MillraceException ALREADY_EXISTS if asked to
   */
  void put(String key, byte[] content, IfPresent ifPresent) throws IOException;

  /**
   * Stores a local file, which the store may take as its own: the caller must not use it
   * afterwards.
   *
   * @throws MillraceException ALREADY_EXISTS if asked to
   */
  void putFile(String key, Path file, IfPresent ifPresent) throws IOException;

  /**
   * Reads a small object.
   *
   * @param limit in bytes
   * @throws MillraceException NOT_FOUND, or PAYLOAD_TOO_LARGE if it has more bytes than the limit
   */
  byte[] read(String key, int limit) throws IOException;

  /**
   * All objects below a prefix, which is a key itself, at any depth, as local files of one
   * directory; the object {@code models/a/x} lies below {@code models} as the file {@code a/x}.
   *
   * @throws MillraceException NOT_FOUND if there is nothing below the prefix
   */
  Materialised materialise(String prefix) throws IOException;

  /** Size of an object, if there is one. */
  Optional<ObjectInfo> find(String key) throws IOException;

  /**
   * All objects below a prefix, which is a key itself, at any depth, sorted by key; none if there
   * is nothing below it.
   */
  List<ObjectInfo> list(String prefix) throws IOException;

  /** When the newest of the objects below a prefix was written; empty if there are none. */
  Optional<Instant> writtenAt(String prefix) throws IOException;

  /** Deletes an object; whether there was one. Nothing is left of a prefix without objects. */
  boolean delete(String key) throws IOException;

  /** A new, empty local directory, from which {@link #putFile} is cheap; its user deletes it. */
  Path newStagingDirectory() throws IOException;

  /**
   * Deletes staged files that nobody has written to for a time: what processes that died left.
   *
   * @return how many files and directories
   */
  int clearStaging(Duration unused) throws IOException;

  /**
   * An object.
   *
   * @param key its key
   * @param size in bytes
   */
  record ObjectInfo(String key, long size) {}
}
