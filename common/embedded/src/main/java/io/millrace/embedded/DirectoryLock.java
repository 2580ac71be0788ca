package io.millrace.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a directory for one process. The operating system gives the lock back when the process
 * dies, however it dies: a lock that can be had means that whatever still runs there is an orphan.
 */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a directory, which is made if it does not exist.
   *
   * @throws EmbeddedServerException if another process has it, or the directory cannot be written
   */
  static DirectoryLock take(Path directory) {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve("in-use.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new EmbeddedServerException("cannot write to " + directory + ": " + e, e);
    }
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
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

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new EmbeddedServerException("cannot give back the lock: " + e, e);
    }
  }

  private static String inUse(Path directory) {
    return directory + " is in use by another running process; stop it or choose another directory";
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
