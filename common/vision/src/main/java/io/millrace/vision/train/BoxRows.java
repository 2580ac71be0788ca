package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Boxes as the kernels take them: picture, class, centre x and y, width and height in cells. */
final class BoxRows {

  private BoxRows() {}

  /**
   * The rows of all objects, or of all crowds.
   *
   * @throws IllegalArgumentException if a class is unknown, or a centre is not inside of the
   *     picture
   */
  static NDArray of(
      NDManager manager, DetectorConfig config, List<List<LabelledBox>> boxes, boolean crowds) {
    int count = count(boxes, crowds);
    float[] rows = new float[6 * count];
    int at = 0;
    for (int picture = 0; picture < boxes.size(); picture++) {
      for (LabelledBox one : boxes.get(picture)) {
        if (one.crowd() == crowds) {
          put(rows, at, config, picture, one);
          at += 6;
        }
      }
    }
    return manager.create(rows, new Shape(count, 6));
  }

  static int count(List<List<LabelledBox>> boxes, boolean crowds) {
    return (int) boxes.stream().flatMap(List::stream).filter(one -> one.crowd() == crowds).count();
  }

  /** Cells that are the centre of some object of a class, each counted once a class. */
  static int centres(DetectorConfig config, List<List<LabelledBox>> boxes) {
    Set<Centre> centres = new HashSet<>();
    for (int picture = 0; picture < boxes.size(); picture++) {
      for (LabelledBox one : boxes.get(picture)) {
        if (!one.crowd()) {
          centres.add(
              new Centre(
                  picture,
                  one.classIndex(),
                  (int) x(config, one.box()),
                  (int) y(config, one.box())));
        }
      }
    }
    return centres.size();
  }

  private record Centre(int picture, int classIndex, int column, int row) {}

  /** A box that ends at the last pixel's edge still belongs to the last cell. */
  private static float x(DetectorConfig config, Box box) {
    return Math.min(
        (float) ((box.x() + box.width() / 2) / DetectorConfig.STRIDE),
        Math.nextDown((float) config.mapWidth()));
  }

  private static float y(DetectorConfig config, Box box) {
    return Math.min(
        (float) ((box.y() + box.height() / 2) / DetectorConfig.STRIDE),
        Math.nextDown((float) config.mapHeight()));
  }

  private static void put(
      float[] rows, int at, DetectorConfig config, int picture, LabelledBox one) {
    Box box = one.box();
    float x = (float) ((box.x() + box.width() / 2) / DetectorConfig.STRIDE);
    float y = (float) ((box.y() + box.height() / 2) / DetectorConfig.STRIDE);
    if (one.classIndex() >= config.classes().size()) {
      throw new IllegalArgumentException(
          "picture %d of the batch has a box of class %d, but there are only %d classes"
              .formatted(picture, one.classIndex(), config.classes().size()));
    }
    if (!(x >= 0 && x <= config.mapWidth() && y >= 0 && y <= config.mapHeight())) {
      throw new IllegalArgumentException(
          "picture %d of the batch has a box whose centre is outside of it: %s"
              .formatted(picture, box));
    }
    rows[at] = picture;
    rows[at + 1] = one.classIndex();
    rows[at + 2] = x(config, box);
    rows[at + 3] = y(config, box);
    rows[at + 4] = (float) (box.width() / DetectorConfig.STRIDE);
    rows[at + 5] = (float) (box.height() / DetectorConfig.STRIDE);
  }
}
