package io.millrace.standalone.home;

import io.millrace.embedded.DirectoryLock;
import io.millrace.embedded.EmbeddedServerException;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The directory behind {@code --home}: databases, logs, objects and secrets of one installation.
 *
 * <p>Held by one process at a time; the lock ends with the process however it ends.
 */
public final class HomeDirectory implements AutoCloseable {

  /** Below this a broker or database would soon stop in the middle of its work. */
  static final long BYTES_NEEDED = 512L << 20;

  /** A file that is there as long as a restore has not come to its end. */
  public static final String UNFINISHED_RESTORE = "restore.unfinished";

  private static final int SECRET_BYTES = 32;

  private final Path root;
  private final DirectoryLock lock;

  private HomeDirectory(Path root, DirectoryLock lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Opens or creates the directory and takes its lock.
   *
   * @throws UserError if it cannot be written, has too little room or is in use
   */
  public static HomeDirectory open(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    requireUsable(root);
    if (Files.exists(root.resolve(UNFINISHED_RESTORE))) {
      throw new UserError(
          "--home %s was not restored to the end; delete it and restore again".formatted(root));
    }
    try {
      makePrivate(root);
      return new HomeDirectory(root, DirectoryLock.take(root));
    } catch (EmbeddedServerException e) {
      throw new UserError("--home " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UserError("--home " + root + " cannot be written: " + reason(e), e);
    }
  }

  /**
   * Finds what would keep a directory from being a home, without making anything.
   *
   * @throws UserError if it cannot be written or has too little room
   */
  public static void requireUsable(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    Path existing = WritablePlace.require("--home", root);
    try {
      requireRoom(root, Files.getFileStore(existing).getUsableSpace());
    } catch (IOException e) {
      throw new UserError("--home " + root + " cannot be read: " + reason(e), e);
    }
  }

  static void requireRoom(Path root, long free) {
    if (free < BYTES_NEEDED) {
      throw new UserError(
          "--home %s: only %d MiB are free there, %d MiB are needed; free some or choose another"
              .formatted(root, free >> 20, BYTES_NEEDED >> 20));
    }
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** Where PostgreSQL keeps its data. */
  public Path postgres() {
    return root.resolve("postgres");
  }

  /** Where Kafka keeps its logs. */
  public Path kafka() {
    return root.resolve("kafka");
  }

  /** Where checkpoints and tokenizers lie. */
  public Path objects() {
    return root.resolve("objects");
  }

  /** Where nothing is kept: what is there is deleted at the next start. */
  public Path temporary() {
    return root.resolve("tmp");
  }

  /** The secret under a name, made on first use; readable by its owner only. */
  public synchronized String secret(String name) {
    return kept(name)
        .orElseGet(() -> {
          byte[] bytes = new byte[SECRET_BYTES];
          RandomGenerator random = new SecureRandom();
          random.nextBytes(bytes);
          String secret = HexFormat.of().formatHex(bytes);
          keep(name, secret);
          return secret;
        });
  }

  /** The text kept under a name, if there is one that is not blank. */
  public Optional<String> kept(String name) {
    try {
      return Optional.of(Files.readString(root.resolve(name)).strip())
          .filter(text -> !text.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserError("--home " + root + ": " + name + " cannot be read: " + reason(e), e);
    }
  }

  /** Keeps a text under a name, readable by its owner only, whole or as it was before. */
  public synchronized void keep(String name, String text) {
    Path unfinished = root.resolve(name + ".unfinished");
    try {
      Files.deleteIfExists(unfinished);
      Files.createFile(unfinished, permissions("rw-------"));
      try (FileChannel file = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      Files.move(unfinished, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UserError("--home " + root + ": " + name + " cannot be written: " + reason(e), e);
    }
  }

  @Override
  public void close() {
    lock.close();
  }

  /** Makes the directory, for its owner only; one that is there keeps the permissions it has. */
  private static void makePrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Path parent = directory.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(directory, permissions("rwx------"));
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /**
   * The reason alone: the message of a file system exception begins with the file, named already.
   */
  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "a file of that name is in the way";
    }
    if (e instanceof java.nio.file.FileSystemException fs && fs.getReason() != null) {
      return fs.getReason();
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    return String.valueOf(e.getMessage());
  }
}
