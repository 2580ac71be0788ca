package io.millrace.standalone.home;

import io.millrace.standalone.terminal.UserError;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that need not exist yet, but could be made and written to. */
public final class WritablePlace {

  private WritablePlace() {}

  /**
   * Checks that, without making anything.
   *
   * @param option that named the directory, for the message
   * @return the nearest directory above it, or itself, that exists
   * @throws UserError if a file is in the way or it may not be written
   */
  public static Path require(String option, Path directory) {
    Path existing = directory.toAbsolutePath().normalize();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new UserError(option + " " + directory + ": " + existing + " is not a directory");
    }
    if (!Files.isWritable(existing)) {
      throw new UserError(
          option + " " + directory + " cannot be written: permission denied in " + existing);
    }
    return existing;
  }
}
