package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The files of a person's folder, nothing hidden among them, and what of them could not be used.
 *
 * <p>Source code has pictures and empty files beside it: they are left out and named. A single file
 * is what the person means, so that it is refused.
 */
final class DemoFiles {

  private static final int NAMES_SHOWN = 3;

  private final List<String> skipped = new ArrayList<>();

  /** All files below a directory, hidden ones and those in hidden directories left out. */
  static List<Path> below(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return isHidden(folder) && !folder.equals(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (Files.isRegularFile(file) && !isHidden(file)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(files);
    return files;
  }

  private static boolean isHidden(Path path) {
    return String.valueOf(path.getFileName()).startsWith(".");
  }

  /** Leaves a file out. */
  void skip(NotTextException reason) {
    skipped.add(String.valueOf(reason.getMessage()));
  }

  /** One line about the files that were left out, if there were any. */
  List<String> notes() {
    if (skipped.isEmpty()) {
      return List.of();
    }
    String names = String.join("; ", skipped.subList(0, Math.min(NAMES_SHOWN, skipped.size())));
    String more =
        skipped.size() > NAMES_SHOWN ? "; and %d more".formatted(skipped.size() - NAMES_SHOWN) : "";
    return List.of("%d files are left out: %s%s".formatted(skipped.size(), names, more));
  }

  /** A file that is no text to learn from; the message names it and says why. */
  static final class NotTextException extends Exception {

    private static final long serialVersionUID = 1L;

    NotTextException(String message) {
      super(message);
    }

    UserError asRefusal() {
      return new UserError(String.valueOf(getMessage()), this);
    }
  }
}
