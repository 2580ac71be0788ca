package io.millrace.standalone.backup;

import io.millrace.standalone.backup.BackupManifest.Entry;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Copies a home directory that nobody uses to a backup and back. What is there for its owner alone
 * stays so: a backup holds the platform's secrets.
 *
 * <p>Left out is what a start makes anew: temporary files, logs for people, locks.
 */
final class HomeCopy {
  private static final String DATA = "data";
  private static final Set<String> LEFT_OUT = Set.of("tmp", "log");
  private static final Set<String> LEFT_OUT_ANYWHERE =
      Set.of("in-use.lock", "postmaster.pid", "postgres.log", "postgres.log.1");

  private HomeCopy() {}

  /**
   * Takes a backup.
   *
   * @param home locked by the caller, its servers stopped
   * @param backup a directory that is not there or empty
   * @throws UserError if it has something in it, or too little room
   */
  static BackupManifest backUp(Path home, Path backup, Clock clock) throws IOException {
    requireEmpty(backup, "backup directory", Set.of());
    List<Path> directories = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    find(home, directories, files);
    makeDirectory(backup);
    requireRoom(backup, size(files));
    Path data = backup.resolve(DATA);
    makeDirectory(data);
    for (Path directory : directories) {
      makeDirectory(data.resolve(home.relativize(directory).toString()));
    }
    List<Entry> entries = new ArrayList<>();
    for (Path file : files) {
      String name = home.relativize(file).toString();
      entries.add(copy(file, data.resolve(name), name));
    }
    BackupManifest manifest =
        new BackupManifest(
            BackupManifest.FORMAT,
            clock.instant(),
            directories.stream().map(directory -> home.relativize(directory).toString()).toList(),
            entries);
    manifest.write(backup);
    return manifest;
  }

  /**
   * Puts a backup back.
   *
   * @param home locked by the caller, without a platform in it
   * @throws UserError if a file is missing or is not as it was; the home is unfinished then
   */
  static void restore(BackupManifest manifest, Path backup, Path home) throws IOException {
    requireRoom(home, manifest.size());
    Path data = backup.resolve(DATA);
    for (String name : manifest.directories()) {
      makeDirectory(within(home, name));
    }
    for (Entry entry : manifest.files()) {
      Path file = within(data, entry.name());
      if (!Files.isRegularFile(file)) {
        throw new UserError("%s is missing; the backup is damaged".formatted(file));
      }
      Entry copied = copy(file, within(home, entry.name()), entry.name());
      if (!copied.equals(entry)) {
        throw new UserError(
            "%s is not as it was backed up (SHA-256 %s, expected %s); the backup is damaged"
                .formatted(file, copied.sha256(), entry.sha256()));
      }
    }
  }

  /**
   * Requires that nothing is in a directory, or that it is not there.
   *
   * @param allowed names that do not count
   */
  static void requireEmpty(Path directory, String what, Set<String> allowed) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new UserError("%s %s is a file".formatted(what, directory));
    }
    try (var entries = Files.list(directory)) {
      entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> !allowed.contains(name))
          .findFirst()
          .ifPresent(name -> {
            throw new UserError(
                "%s %s is not empty, it has %s; name another".formatted(what, directory, name));
          });
    }
  }

  private static void find(Path home, List<Path> directories, List<Path> files) throws IOException {
    // A part of the home may be a link to a larger disk.
    Files.walkFileTree(
        home,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (directory.equals(home)) {
              return FileVisitResult.CONTINUE;
            }
            if (home.equals(directory.getParent())
                && LEFT_OUT.contains(directory.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            directories.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!LEFT_OUT_ANYWHERE.contains(file.getFileName().toString())) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static long size(List<Path> files) throws IOException {
    long size = 0;
    for (Path file : files) {
      size += Files.size(file);
    }
    return size;
  }

  private static void requireRoom(Path directory, long size) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < size) {
      throw new UserError(
          "%s: %d MiB are needed there, %d MiB are free"
              .formatted(directory, size >> 20, free >> 20));
    }
  }

  /** A name that leads out of the directory is nobody's backup. */
  private static Path within(Path directory, String name) {
    Path path = directory.resolve(name).normalize();
    if (!path.startsWith(directory) || path.equals(directory)) {
      throw new UserError("the backup names '%s', which is outside of it".formatted(name));
    }
    return path;
  }

  private static Entry copy(Path from, Path to, String name) throws IOException {
    MessageDigest digest = sha256();
    long size;
    Files.createFile(to, permissions("rw-------"));
    try (InputStream in = Files.newInputStream(from);
        OutputStream out =
            new DigestOutputStream(Files.newOutputStream(to, StandardOpenOption.WRITE), digest)) {
      size = in.transferTo(out);
    }
    return new Entry(name, size, HexFormat.of().formatHex(digest.digest()));
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Path parent = directory.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(directory, permissions("rwx------"));
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }
}
