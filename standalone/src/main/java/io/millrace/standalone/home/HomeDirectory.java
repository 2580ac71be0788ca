package io.millrace.standalone.home;

import io.millrace.standalone.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
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
import org.jspecify.annotations.Nullable;

/**
 * The directory behind {@code --home}: databases, logs, objects and secrets of one installation.
 *
 * <p>Held by one process at a time; the lock ends with the process however it ends.
 */
public final class HomeDirectory implements AutoCloseable {

  /** Below this a broker or database would soon stop in the middle of its work. */
  static final long BYTES_NEEDED = 512L << 20;

  private static final int SECRET_BYTES = 32;

  private final Path root;
  private final FileChannel channel;
  private final FileLock lock;

  private HomeDirectory(Path root, FileChannel channel, FileLock lock) {
    this.root = root;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Opens or creates the directory and takes its lock.
   *
   * @throws UserError if it cannot be written, has too little room or is in use
   */
  public static HomeDirectory open(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      Path existing = nearestExisting(root);
      if (!Files.isDirectory(existing)) {
        throw new UserError("--home " + root + ": " + existing + " is not a directory");
      }
      long free = Files.getFileStore(existing).getUsableSpace();
      if (free < BYTES_NEEDED) {
        throw new UserError(
            "--home %s: only %d MiB are free there, %d MiB are needed; free some or choose another"
                .formatted(root, free >> 20, BYTES_NEEDED >> 20));
      }
      makePrivate(root);
      Path lockFile = root.resolve("lock");
      FileChannel channel =
          FileChannel.open(
              lockFile,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String owner = Files.readString(lockFile).strip();
        channel.close();
        throw new UserError(
            "--home %s is in use by another Millrace (process %s); stop it or choose another --home"
                .formatted(root, owner));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
      return new HomeDirectory(root, channel, lock);
    } catch (IOException e) {
      throw new UserError("--home " + root + " cannot be written: " + reason(e), e);
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
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UserError("--home " + root + ": its lock cannot be released: " + reason(e), e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
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

  private static Path nearestExisting(Path path) {
    Path candidate = path;
    while (!Files.exists(candidate) && candidate.getParent() != null) {
      candidate = candidate.getParent();
    }
    return candidate;
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
