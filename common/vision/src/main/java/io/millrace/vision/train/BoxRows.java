package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import java.util.List;

/**
 * Boxes as the kernels take them: picture, class, centre x and y, width and height in pixels of the
 * input, root of the area in the picture's own pixels.
 */
final class BoxRows {

  private static final int COLUMNS = 7;

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
    float[] rows = new float[COLUMNS * count];
    int at = 0;
    for (int picture = 0; picture < boxes.size(); picture++) {
      for (LabelledBox one : boxes.get(picture)) {
        if (one.crowd() == crowds) {
          put(rows, at, config, picture, one);
          at += COLUMNS;
        }
      }
    }
    return manager.create(rows, new Shape(count, COLUMNS));
  }

  static int count(List<List<LabelledBox>> boxes, boolean crowds) {
    return (int) boxes.stream().flatMap(List::stream).filter(one -> one.crowd() == crowds).count();
  }

  private static void put(
      float[] rows, int at, DetectorConfig config, int picture, LabelledBox one) {
    Box box = one.box();
    float x = (float) (box.x() + box.width() / 2);
    float y = (float) (box.y() + box.height() / 2);
    if (one.classIndex() >= config.classes().size()) {
      throw new IllegalArgumentException(
          "picture %d of the batch has a box of class %d, but there are only %d classes"
              .formatted(picture, one.classIndex(), config.classes().size()));
    }
    if (!(x >= 0 && x <= config.inputWidth() && y >= 0 && y <= config.inputHeight())) {
      throw new IllegalArgumentException(
          "picture %d of the batch has a box whose centre is outside of it: %s"
              .formatted(picture, box));
    }
    rows[at] = picture;
    rows[at + 1] = one.classIndex();
    rows[at + 2] = inside(x, config.inputWidth());
    rows[at + 3] = inside(y, config.inputHeight());
    rows[at + 4] = (float) box.width();
    rows[at + 5] = (float) box.height();
    rows[at + 6] = (float) Math.sqrt(one.area());
  }

  /** A box that ends at the last pixel's edge still belongs to the last cell. */
  private static float inside(float middle, int side) {
    return Math.min(middle, Math.nextDown((float) side));
  }
}
