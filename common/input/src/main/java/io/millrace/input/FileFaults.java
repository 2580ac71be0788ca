package io.millrace.input;

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
    T get() throws IOException;
  }

  /** The same, with nothing to show for it. */
  @FunctionalInterface
  public interface Action {
    /** Does it, and judges nothing of what is in the file by a plain exception. */
    void run() throws IOException;
  }

  /**
   * Does some work on a file.
   *
   * @throws FileSystemException instead of a plain exception, with the file and the reason
   */
  public static <T> T naming(Path file, Work<T> work) throws IOException {
    try {
      return work.get();
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /**
   * Does something to a file.
   *
   * @throws FileSystemException instead of a plain exception, with the file and the reason
   */
  public static void run(Path file, Action action) throws IOException {
    try {
      action.run();
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  private static IOException named(Path file, IOException e) {
    if (e.getClass() != IOException.class) {
      return e;
    }
    FileSystemException named =
        new FileSystemException(file.toString(), /* other= */ null, e.getMessage());
    named.initCause(e);
    return named;
  }
}
