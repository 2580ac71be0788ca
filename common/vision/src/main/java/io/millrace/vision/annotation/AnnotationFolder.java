package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds out which format a folder has and reads it. */
public final class AnnotationFolder {

  private static final int DEPTH = 4;

  private AnnotationFolder() {}

  /**
   * Reads Pascal VOC XML files, or COCO JSON files if there are none.
   *
   * @throws InvalidAnnotationException if the folder has neither, or one that cannot be read
   * @throws IOException if the folder cannot be listed
   */
  public static AnnotationSet read(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new InvalidAnnotationException(root + " is not a directory");
    }
    List<Path> xml = files(root, ".xml");
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
              String.valueOf(file.getFileName()).endsWith(ending) && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }
}
