package io.millrace.platform.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * Faults of the file system, told apart from what is wrong in a file. The JDK names the file that
 * cannot be opened, in a {@link FileSystemException}; what is open and cannot be read or written
 * ("Stale file handle", "No space left on device") is a plain {@link IOException} to it.
 */
public final class FileFaults {
  private FileFaults() {}

  /** Reads or writes a file. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it, and judges nothing of what is in the file by a plain exception. */
    T run() throws IOException;
  }

  /**
   * Does some work on a file.
   *
   * @throws FileSystemException instead of a plain exception, with the file and the reason
   */
  public static <T> T naming(Path file, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (IOException e) {
      if (e.getClass() != IOException.class) {
        throw e;
      }
      FileSystemException named =
          new FileSystemException(file.toString(), /* other= */ null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }
}
