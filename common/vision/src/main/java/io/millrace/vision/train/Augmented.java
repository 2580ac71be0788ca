package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures of a batch and how they are changed.
 *
 * @param boxes where the changed pictures show them
 * @param seeds of what is chosen at random of each picture
 */
@SuppressWarnings("ArrayRecordComponent") // goes to the kernel as it is, is never compared
record Augmented(
    SampleBatch batch, List<Augmentation> changes, List<List<LabelledBox>> boxes, long[] seeds) {

  /** Sets the seeds of a head's choices apart from those of the augmentation. */
  private static final long CHOICES = 1;

  /**
   * Changes by the seed, the number of the step and a picture's place.
   *
   * @param first place of the first picture among all of the step's pictures
   */
  static Augmented of(
      SampleBatch batch, AugmentationSettings settings, long seed, long step, int first) {
    List<Augmentation> changes = new ArrayList<>();
    List<List<LabelledBox>> moved = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Augmentation change =
          Augmentation.of(settings, batch.width(), batch.height(), seed, step, first + i);
      changes.add(change);
      moved.add(
          change.apply(batch.boxes().get(i), batch.width(), batch.height(), settings.minVisible()));
    }
    long[] seeds =
        IntStream.range(first, first + batch.size())
            .mapToLong(place -> SeededRandom.of(seed, step, place, CHOICES).nextLong() >>> 32)
            .toArray();
    return new Augmented(batch, changes, moved, seeds);
  }

  /** Affine maps [N, 2, 3]. */
  NDArray affines(NDManager manager) {
    return ChangeRows.affines(manager, changes, batch.width(), batch.height());
  }

  /** Factors and sums of values [N, 2]. */
  NDArray tones(NDManager manager) {
    return ChangeRows.tones(manager, changes);
  }
}
