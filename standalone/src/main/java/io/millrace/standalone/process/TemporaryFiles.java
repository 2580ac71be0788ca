package io.millrace.standalone.process;

import io.millrace.platform.service.TemporaryDirectory;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Temporary files of a platform in its home. The launcher makes their directory and names it on the
 * command line, the only place that the JDK takes it from.
 */
public final class TemporaryFiles {

  private TemporaryFiles() {}

  /**
   * Empties the directory: a killed process deletes nothing.
   *
   * @return to be closed when nothing of the platform runs any more
   * @throws UserError if it cannot be emptied or made
   */
  public static TemporaryDirectory in(Path directory) {
    try {
      return TemporaryDirectory.open(directory);
    } catch (IOException e) {
      throw new UserError("temporary files in " + directory + " cannot be deleted: " + e, e);
    }
  }

  /**
   * Makes the directory that an image names as its process's own, or empties it: with a read-only
   * root nobody else does.
   *
   * @throws UserError if it cannot be emptied or made
   */
  public static void makeOwn() {
    if (areOwn()) {
      in(Path.of(System.getProperty("java.io.tmpdir")));
    }
  }

  private static boolean areOwn() {
    return "own".equals(System.getProperty("millrace.temp"));
  }

  /**
   * Deletes a home of which there is nothing but what the launcher has made. Temporary files that
   * are the process's own, as in an image, are in no home.
   */
  public static void discardUnused() {
    if (areOwn()) {
      return;
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path home = temporary.getParent();
    try {
      if (home != null
          && Files.isDirectory(temporary)
          && entries(temporary).isEmpty()
          && entries(home).equals(List.of(temporary))) {
        Files.delete(temporary);
        Files.delete(home);
      }
    } catch (IOException e) {
      System.err.println("millrace: " + home + " is left empty: " + e);
    }
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
