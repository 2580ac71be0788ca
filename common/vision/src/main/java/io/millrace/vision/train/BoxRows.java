package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.view.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * Boxes as the kernels take them: picture, class, centre x and y, width and height in pixels of the
 * input, root of the area in the picture's own pixels.
 */
final class BoxRows {

  private static final int COLUMNS = 7;

  private BoxRows() {}

  /**
   * The rows of all objects, or of all that is neither object nor background: crowds, and objects
   * of sizes that are not a branch's. Every branch has all boxes of its own copy of a picture,
   * which is numbered branch by branch.
   *
   * @param placements where each picture itself is in what is shown of it
   * @throws IllegalArgumentException if a class is unknown, or a centre is not inside of the
   *     picture
   */
  static NDArray of(
      NDManager manager,
      DetectorConfig config,
      List<List<LabelledBox>> boxes,
      List<Placement> placements,
      boolean ignored) {
    List<float[]> rows = new ArrayList<>();
    int first = 0;
    for (SizeRange range : config.backbone().branches().ranges()) {
      for (int picture = 0; picture < boxes.size(); picture++) {
        for (LabelledBox one : boxes.get(picture)) {
          double scale = placements.get(picture).scale();
          double size = Math.sqrt(one.box().area()) / scale;
          if ((one.crowd() || !range.contains(size)) == ignored) {
            rows.add(row(config, first, picture, one, scale));
          }
        }
      }
      first += boxes.size();
    }
    float[] flat = new float[COLUMNS * rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, flat, COLUMNS * i, COLUMNS);
    }
    return manager.create(flat, new Shape(rows.size(), COLUMNS));
  }

  /** Objects of the pictures, each counted once; crowds are none. */
  static int objects(List<List<LabelledBox>> boxes) {
    return (int) boxes.stream().flatMap(List::stream).filter(one -> !one.crowd()).count();
  }

  private static float[] row(
      DetectorConfig config, int first, int picture, LabelledBox one, double scale) {
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
    return new float[] {
      first + picture,
      one.classIndex(),
      inside(x, config.inputWidth()),
      inside(y, config.inputHeight()),
      (float) box.width(),
      (float) box.height(),
      (float) (Math.sqrt(one.area()) / scale)
    };
  }

  /** A box that ends at the last pixel's edge still belongs to the last cell. */
  private static float inside(float middle, int side) {
    return Math.min(middle, Math.nextDown((float) side));
  }
}
