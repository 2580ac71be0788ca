package io.millrace.data.upload;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Formats in which files say what is in pictures, by the endings of their names. */
enum AnnotationFormat {
  COCO(".json"),
  PASCAL_VOC(".xml"),
  YOLO(".txt", ".yaml", ".yml", ".names");

  private final List<String> endings;

  AnnotationFormat(String... endings) {
    this.endings = List.of(endings);
  }

  /** The format that a file may be of; empty: it holds no annotation. */
  static Optional<AnnotationFormat> of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(format -> format.endings.stream().anyMatch(lower::endsWith))
        .findFirst();
  }

  /** Whether a file may hold boxes, or names of classes. */
  static boolean isAnnotation(String name) {
    return of(name).isPresent();
  }
}
