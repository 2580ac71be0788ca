package io.millrace.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a directory for one process. The operating system gives the lock back when the process
 * dies, however it dies: a lock that can be had means that whatever still runs there is an orphan.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "in-use.lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a directory, which is made if it does not exist.
   *
   * @throws EmbeddedServerException if another process has it, or the directory cannot be written
   */
  public static DirectoryLock take(Path directory) {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new EmbeddedServerException("cannot write to " + directory + ": " + e, e);
    }
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        nameOwner(channel);
        return new DirectoryLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      throw closing(channel, new EmbeddedServerException(inUse(directory), e));
    } catch (IOException e) {
      throw closing(channel, new EmbeddedServerException("cannot lock " + directory + ": " + e, e));
    }
    throw closing(channel, new EmbeddedServerException(inUse(directory)));
  }

  /** What is started with a lock, and gives it back when it is closed. */
  @FunctionalInterface
  interface Start<T> {
    T with(DirectoryLock lock) throws Exception;
  }

  /**
   * Starts a server in a directory that is locked for it; if that fails in any way, errors
   * included, the lock is given back.
   *
   * @param what for the message, e.g. {@code Kafka}
   * @throws EmbeddedServerException if it does not start
   */
  static <T> T starting(String what, Path directory, Start<T> start) {
    DirectoryLock lock = take(directory);
    boolean started = false;
    try {
      T server = start.with(lock);
      started = true;
      return server;
    } catch (EmbeddedServerException e) {
      throw e;
    } catch (Exception e) {
      throw new EmbeddedServerException("cannot start " + what + " in " + directory + ": " + e, e);
    } finally {
      if (!started) {
        lock.close();
      }
    }
  }

  /** Gives the directory back. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new EmbeddedServerException("cannot give back the lock: " + e, e);
    }
  }

  /** For people: the lock itself needs no content. */
  private static void nameOwner(FileChannel channel) throws IOException {
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
  }

  private static String inUse(Path directory) {
    String owner;
    try {
      owner = Files.readString(directory.resolve(FILE), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      owner = "";
    }
    return "%s is in use by another running process%s; stop it or choose another directory"
        .formatted(directory, owner.isEmpty() ? "" : " " + owner);
  }

  private static EmbeddedServerException closing(
      FileChannel channel, EmbeddedServerException failure) {
    try {
      channel.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }
}
