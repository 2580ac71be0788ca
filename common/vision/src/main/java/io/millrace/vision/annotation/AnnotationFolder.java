package io.millrace.vision.annotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/** Finds out which format a folder has and reads it. */
public final class AnnotationFolder {

  private static final int DEPTH = 4;

  private AnnotationFolder() {}

  /**
   * Reads Pascal VOC XML files, or COCO JSON files if there are none. XML files of other kinds,
   * such as an editor's, do not count.
   *
   * @throws InvalidAnnotationException if the folder has neither, or one that cannot be read
   * @throws IOException if the folder cannot be listed
   */
  public static AnnotationSet read(Path folder) throws IOException {
    // Once for all: paths are compared, and `..` in one of them would make equal ones differ.
    Path root = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new InvalidAnnotationException(folder + " is not a directory");
    }
    try {
      return readIn(root);
    } catch (JacksonException | InvalidPathException e) {
      throw new InvalidAnnotationException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static AnnotationSet readIn(Path root) throws IOException {
    List<Path> xml = VocReader.annotations(files(root, ".xml"));
    if (!xml.isEmpty()) {
      return new VocReader(root).read(xml);
    }
    List<Path> json = files(root, ".json");
    if (!json.isEmpty()) {
      return new CocoReader(root).read(json);
    }
    throw new InvalidAnnotationException(
        root + " holds neither Pascal VOC XML files nor COCO JSON files");
  }

  private static List<Path> files(Path root, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(root, DEPTH)) {
      return files
          .filter(file ->
              String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ending)
                  && Files.isRegularFile(file))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
