package io.millrace.platform.service;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A directory for what is temporary: web servers' work, unpacked native libraries, uploads. It is
 * emptied when it is opened, as a killed process has left it, and gone when it is closed.
 */
public final class TemporaryDirectory implements AutoCloseable {

  private final Path directory;

  private TemporaryDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Deletes what is in the directory, and makes it if it does not exist, for its owner only.
   *
   * @param directory of one process at a time, and with nothing else in it
   */
  public static TemporaryDirectory open(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    if (Files.isDirectory(absolute)) {
      empty(absolute);
    } else {
      Path parent = absolute.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(
          absolute,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return new TemporaryDirectory(absolute);
  }

  /** Where it is. */
  public Path path() {
    return directory;
  }

  /** Deletes it; one that is a link is emptied only. */
  @Override
  public void close() throws IOException {
    empty(directory);
    if (!Files.isSymbolicLink(directory)) {
      Files.deleteIfExists(directory);
    }
  }

  private static void empty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Files.walkFileTree(entry, new Deletion());
      }
    }
  }

  /** What somebody else has deleted meanwhile is as good as deleted here. */
  private static final class Deletion extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
