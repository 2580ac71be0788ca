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
