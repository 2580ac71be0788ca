package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds out which format a folder, or another set of files, has and reads it. */
public final class AnnotationFolder {

  private AnnotationFolder() {}

  /**
   * Reads Pascal VOC XML files, or COCO JSON files if there are none, or else YOLO's text files.
   * XML files of other kinds, such as an editor's, do not count. One bad annotation, picture or
   * file is left out with a line in {@link AnnotationSet#problems()}.
   *
   * @throws InvalidAnnotationException if the folder has none of them, or nothing that can be used
   * @throws IOException if the folder cannot be listed or a file cannot be read
   */
  public static AnnotationSet read(Path folder) throws IOException {
    // Once for all: paths are compared, and `..` in one of them would make equal ones differ.
    Path root = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new InvalidAnnotationException(folder + " is not a directory");
    }
    return read(SetFiles.ofFolder(root));
  }

  /**
   * Whether a set has files that {@link #read(SetFiles)} would take for annotations.
   *
   * @throws IOException if a file cannot be read
   */
  public static boolean isAnnotated(SetFiles files) throws IOException {
    return !files.ending(".json").isEmpty()
        || !VocReader.annotations(files).isEmpty()
        || YoloReader.isYolo(files);
  }

  /**
   * The same of other files.
   *
   * @throws InvalidAnnotationException if there are none of them, or nothing that can be used
   */
  public static AnnotationSet read(SetFiles files) throws IOException {
    List<String> json = files.ending(".json");
    List<String> xml = VocReader.annotations(files);
    if (!xml.isEmpty()) {
      return new VocReader(files).read(xml, json.size());
    }
    if (!json.isEmpty()) {
      return new CocoReader(files).read(json);
    }
    if (YoloReader.isYolo(files)) {
      return new YoloReader(files).read();
    }
    throw new InvalidAnnotationException(
        files.title()
            + " holds neither Pascal VOC XML files nor COCO JSON files nor YOLO's labels");
  }
}
