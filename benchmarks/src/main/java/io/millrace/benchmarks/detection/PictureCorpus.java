package io.millrace.benchmarks.detection;

import io.millrace.vision.annotation.AnnotatedPicture;
import io.millrace.vision.annotation.AnnotationFolder;
import io.millrace.vision.annotation.AnnotationSet;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.Placement;
import io.millrace.vision.view.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Annotated pictures at a network's input size.
 *
 * @param classes names in the order of their indices
 * @param training what is learned from
 * @param test what is judged on
 */
record PictureCorpus(List<String> classes, List<Example> training, List<Example> test) {

  /**
   * A picture and its truth.
   *
   * @param original as it was read
   * @param shown as the network sees it
   * @param boxes in pixels of what is shown
   */
  record Example(Picture original, Shown shown, List<LabelledBox> boxes) {}

  /**
   * Reads a folder whose parts are published: train, and test or else val.
   *
   * @param folder a path, or the name of one below {@code -Dmillrace.data}
   * @param learned parts to learn from
   * @throws IOException if it cannot be read, or a part is missing
   */
  static PictureCorpus read(String folder, Set<String> learned, int width, int height)
      throws IOException {
    Path path = Path.of(folder);
    if (!Files.isDirectory(path)) {
      path = Path.of(System.getProperty("millrace.data", "../shared/data"), folder);
    }
    AnnotationSet set = AnnotationFolder.read(path);
    Set<String> parts =
        set.pictures().stream().map(AnnotatedPicture::split).collect(Collectors.toSet());
    String judged = parts.contains("test") ? "test" : "val";
    if (!parts.containsAll(learned) || !parts.contains(judged) || learned.contains(judged)) {
      throw new IOException(
          "%s has the parts %s; to learn from %s and be judged on %s is not possible"
              .formatted(path, parts, learned, judged));
    }
    Letterbox view = new Letterbox(width, height);
    List<Example> training = new ArrayList<>();
    List<Example> test = new ArrayList<>();
    for (AnnotatedPicture picture : set.pictures()) {
      if (learned.contains(picture.split())) {
        training.add(example(picture, set.classes(), view));
      } else if (picture.split().equals(judged)) {
        test.add(example(picture, set.classes(), view));
      }
    }
    return new PictureCorpus(set.classes(), training, test);
  }

  private static Example example(AnnotatedPicture picture, List<String> classes, Letterbox view)
      throws IOException {
    Picture original =
        new PictureReader(PictureLimits.defaults())
            .read(Files.readAllBytes(picture.file()), picture.name());
    Shown shown = view.show(original);
    Placement placement = shown.placement();
    List<LabelledBox> boxes = new ArrayList<>();
    for (NamedBox box : picture.boxes()) {
      boxes.add(
          new LabelledBox(
              placement.fromOriginal(box.box()),
              classes.indexOf(box.label()),
              box.crowd(),
              box.area() * placement.scale() * placement.scale()));
    }
    return new Example(original, shown, boxes);
  }
}
