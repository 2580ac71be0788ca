package io.millrace.vision.train;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;

/**
 * The change of one picture: {@code target = middle + scale * (source - middle) + shift}, mirrored
 * first if flipped.
 *
 * @param flip left-right
 * @param upsideDown top-bottom
 * @param scale factor of size
 * @param shiftX pixels to the right
 * @param shiftY pixels down
 * @param gain factor of values in [-1, 1]
 * @param bias added to them
 */
record Augmentation(
    boolean flip,
    boolean upsideDown,
    double scale,
    double shiftX,
    double shiftY,
    double gain,
    double bias) {

  static final Augmentation NONE = new Augmentation(false, false, 1, 0, 0, 1, 0);

  /** The same for the same seed, step and position in the batch. */
  static Augmentation of(
      AugmentationSettings settings, int width, int height, long seed, long step, int position) {
    SeededRandom random = SeededRandom.of(seed, step, position);
    boolean flip = random.nextDouble() < settings.flip();
    double scale =
        settings.minScale()
            * StrictMath.pow(settings.maxScale() / settings.minScale(), random.nextDouble());
    double shiftX = random.between(-settings.shift(), settings.shift()) * width;
    double shiftY = random.between(-settings.shift(), settings.shift()) * height;
    double gain = 1 + random.between(-settings.contrast(), settings.contrast());
    double bias = 2 * random.between(-settings.brightness(), settings.brightness());
    // Drawn last, and only if asked for, so that trainings without it go on as they were.
    boolean upsideDown =
        settings.verticalFlip() > 0 && random.nextDouble() < settings.verticalFlip();
    return new Augmentation(flip, upsideDown, scale, shiftX, shiftY, gain, bias);
  }

  /**
   * From target to source in coordinates that run over [-1, 1], two rows of three: what libtorch's
   * affine grid takes.
   */
  float[] affine(int width, int height) {
    double mirror = flip ? -1 : 1;
    double turned = upsideDown ? -1 : 1;
    return new float[] {
      (float) (mirror / scale),
      0,
      (float) (-mirror * 2 * shiftX / (scale * width)),
      0,
      (float) (turned / scale),
      (float) (-turned * 2 * shiftY / (scale * height))
    };
  }

  /**
   * Boxes where the picture shows them then, clipped to it; leaves out those outside of it. What
   * has less than {@code minVisible} of its area left is neither an object nor background any more.
   */
  List<LabelledBox> apply(List<LabelledBox> boxes, int width, int height, double minVisible) {
    List<LabelledBox> moved = new ArrayList<>();
    for (LabelledBox one : boxes) {
      Box box = one.box();
      if (flip) {
        box = new Box(width - box.right(), box.y(), box.width(), box.height());
      }
      if (upsideDown) {
        box = new Box(box.x(), height - box.bottom(), box.width(), box.height());
      }
      Box whole =
          box.transform(scale, width * (1 - scale) / 2 + shiftX, height * (1 - scale) / 2 + shiftY);
      Box visible = whole.clip(width, height);
      if (visible.area() > 0) {
        LabelledBox shown = one.withBox(visible);
        boolean enough = visible.area() >= minVisible * whole.area();
        moved.add(new LabelledBox(visible, one.classIndex(), one.crowd() || !enough, shown.area()));
      }
    }
    return moved;
  }
}
