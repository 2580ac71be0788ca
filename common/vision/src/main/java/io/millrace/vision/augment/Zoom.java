package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.Box;

/** Windows of a picture that show a certain object. */
final class Zoom {

  /** Beyond these there is nothing to learn but blur. */
  private static final double MAX_FACTOR = 8;

  private Zoom() {}

  /**
   * The picture at another scale, with the box somewhere in it.
   *
   * @param factor taken as the nearest one between 1/8 and 8
   */
  static TrainingPicture around(
      TrainingPicture one, Box box, double factor, double minVisible, SeededRandom random) {
    double near = Math.clamp(factor, 1 / MAX_FACTOR, MAX_FACTOR);
    int left = start(box.x(), box.width(), one.picture().width(), near, random);
    int top = start(box.y(), box.height(), one.picture().height(), near, random);
    return one.zoomed(left, top, near, minVisible);
  }

  /** A part anywhere. */
  static TrainingPicture anywhere(
      TrainingPicture one, double factor, double minVisible, SeededRandom random) {
    Box all = new Box(0, 0, one.picture().width(), one.picture().height());
    return around(one, all, factor, minVisible, random);
  }

  /** First pixel of a window that has the whole box in it, or as much as fits. */
  private static int start(
      double from, double length, int side, double factor, SeededRandom random) {
    double window = Math.min(side, side / factor);
    double one = Math.clamp(from, 0, side - window);
    double other = Math.clamp(from + length - window, 0, side - window);
    double low = Math.min(one, other);
    double high = Math.max(one, other);
    return (int) Math.clamp(Math.round(random.between(low, high)), 0, side - 1);
  }
}
