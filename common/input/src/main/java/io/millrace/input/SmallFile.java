package io.millrace.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that is small unless something is wrong with it, such as a configuration. */
public final class SmallFile {
  private SmallFile() {}

  /**
   * All bytes of it.
   *
   * @param most that it may have, in whole MiB
   * @throws java.nio.file.FileSystemException if the file system fails to read it, or there is none
   * @throws IOException if it has more
   */
  public static byte[] read(Path file, long most) throws IOException {
    if (Files.size(file) > most) {
      throw new IOException("%s is larger than %d MiB".formatted(file, most >> 20));
    }
    return FileFaults.naming(file, () -> Files.readAllBytes(file));
  }
}
