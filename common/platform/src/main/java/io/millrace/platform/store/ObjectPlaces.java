package io.millrace.platform.store;

import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where objects lie below a directory. Others make and delete objects there, and directories with
 * them, at any time.
 */
final class ObjectPlaces {
  private static final int MAX_TRIES = 10;

  private final Path root;

  ObjectPlaces(Path root) {
    this.root = root;
  }

  /** Where an object goes, with its directory made and found to be inside the store. */
  Path place(String key) throws IOException {
    Path target = root.resolve(ObjectKeys.require(key));
    makeDirectory(key, directoryOf(target));
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw MillraceException.invalid("key", "there are objects below " + key);
    }
    return target;
  }

  private void makeDirectory(String key, Path directory) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Files.createDirectories(directory);
        if (!directory.toRealPath().equals(directory)) {
          throw MillraceException.invalid("key", "object " + key + " would lie outside the store");
        }
        return;
      } catch (FileAlreadyExistsException e) {
        throw MillraceException.invalid(
            "key", "object " + key + " would lie below an object: " + key(Path.of(e.getFile())));
      } catch (NoSuchFileException e) {
        // Somebody has deleted the last object of a directory above, and the directory with it.
        if (tries == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Where an object is.
   *
   * @throws MillraceException NOT_FOUND if it is not
   */
  Path existing(String key) throws IOException {
    Path path = root.resolve(ObjectKeys.require(key));
    if (!isObject(path)) {
      throw MillraceException.notFound("object", key);
    }
    return path;
  }

  /** Whether an object is there, rather than a directory or a link. */
  boolean isObject(Path path) throws IOException {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && isInside(path);
  }

  /** Whether no link leads elsewhere; not if it is gone. */
  static boolean isInside(Path path) throws IOException {
    try {
      return path.toRealPath().equals(path);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** What a file lies in. */
  static Path directoryOf(Path target) {
    Path directory = target.getParent();
    if (directory == null) {
      throw new IllegalStateException(target + " has no directory");
    }
    return directory;
  }

  /** Of a file. */
  String key(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }
}
