package io.millrace.standalone.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Files that a person names on the command line. */
public final class UserFiles {

  private UserFiles() {}

  /**
   * All of a file, which is not taken to be small because a person has named it.
   *
   * @param most bytes that it may have; no more are read
   * @throws UserError if it is not there, no file, too large or cannot be read
   */
  public static byte[] read(Path file, int most) {
    if (Files.isDirectory(file)) {
      throw new UserError(file + " is a folder, not a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(most);
      if (in.read() >= 0) {
        throw new UserError(
            String.format(
                Locale.ROOT, "%s has more than %,d bytes, which is too much", file, most));
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new UserError(file + " is not there", e);
    } catch (AccessDeniedException e) {
      throw new UserError(file + " may not be read: its permissions say so", e);
    } catch (IOException e) {
      throw new UserError(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
