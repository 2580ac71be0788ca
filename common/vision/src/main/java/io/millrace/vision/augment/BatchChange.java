package io.millrace.vision.augment;

import java.util.List;

/** Changes the pictures of a batch, and what is true of them; as many pictures come out. */
public sealed interface BatchChange
    permits Oversampling, CopyPaste, Mosaic, AnchorSampling, ContextCrop, RandomScale {

  /**
   * The changed batch; the given one stays as it is.
   *
   * @param batch pictures of one size
   */
  List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws);

  /** Checks that a number is a probability. */
  static void requireProbability(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("a probability must be 0 to 1, it is " + value);
    }
  }
}
