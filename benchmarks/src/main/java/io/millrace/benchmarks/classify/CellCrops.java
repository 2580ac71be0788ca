package io.millrace.benchmarks.classify;

import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.vision.annotation.AnnotatedPicture;
import io.millrace.vision.annotation.AnnotationFolder;
import io.millrace.vision.annotation.AnnotationSet;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.view.Letterbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The objects of annotated pictures, each cut out by its box and brought to one size.
 *
 * @param classes names in the order of their index
 * @param pictures all of one size
 * @param labels of each
 */
record CellCrops(List<String> classes, List<Picture> pictures, List<Integer> labels) {

  /**
   * Reads a folder's parts.
   *
   * @param folder a path, or the name of one below {@code -Dmillrace.data}
   * @param side of the crops in pixels
   * @throws IOException if it cannot be read, or has no object in these parts
   */
  static CellCrops read(String folder, Set<String> parts, int side) throws IOException {
    Path path = Path.of(folder);
    if (!Files.isDirectory(path)) {
      path = Path.of(System.getProperty("millrace.data", "../shared/data"), folder);
    }
    AnnotationSet set = AnnotationFolder.read(path);
    CellCrops crops = new CellCrops(set.classes(), new ArrayList<>(), new ArrayList<>());
    for (AnnotatedPicture annotated : set.pictures()) {
      if (parts.contains(annotated.split())) {
        crops.addAll(annotated, new Letterbox(side, side));
      }
    }
    if (crops.pictures.isEmpty()) {
      throw new IOException("%s has no object in the parts %s".formatted(path, parts));
    }
    return crops;
  }

  private void addAll(AnnotatedPicture annotated, Letterbox view) throws IOException {
    Picture picture =
        new PictureReader(PictureLimits.defaults())
            .read(Files.readAllBytes(annotated.file()), annotated.name());
    for (NamedBox one : annotated.boxes()) {
      int left = (int) Math.clamp(Math.floor(one.box().x()), 0, picture.width() - 1.0);
      int top = (int) Math.clamp(Math.floor(one.box().y()), 0, picture.height() - 1.0);
      int width = (int) Math.min(Math.ceil(one.box().width()), picture.width() - left);
      int height = (int) Math.min(Math.ceil(one.box().height()), picture.height() - top);
      // Two boxes of the blood cells have no area.
      if (width > 0 && height > 0) {
        pictures.add(view.show(picture.part(left, top, width, height)).picture());
        labels.add(classes.indexOf(one.label()));
      }
    }
  }

  /** How many are of each class. */
  List<Long> counts() {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      int label = i;
      counts.add(labels.stream().filter(one -> one == label).count());
    }
    return counts;
  }

  /** Those at some places. */
  ExampleBatch batch(List<Integer> places) {
    return new ExampleBatch(
        new Inputs.Documents(PictureBatch.of(places.stream().map(pictures::get).toList())),
        places.stream().mapToLong(labels::get).toArray());
  }
}
