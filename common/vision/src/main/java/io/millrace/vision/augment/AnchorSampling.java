package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;

/**
 * Data-anchor sampling (Tang et al. 2018, "PyramidBox", section 3.3): an object of the picture is
 * brought to the size of a random anchor, up to the next one above its own, so that small objects
 * come from large ones.
 *
 * @param probability that it happens to a picture
 * @param minVisible objects of which less is left are neither objects nor background
 */
public record AnchorSampling(double probability, double minVisible) implements BatchChange {

  /** Sizes of anchors in pixels of the input: 16, 32 and so on. */
  private static final int SMALLEST = 16;

  private static final int ANCHORS = 6;

  public AnchorSampling {
    BatchChange.requireProbability(probability);
    BatchChange.requireProbability(minVisible);
  }

  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    List<TrainingPicture> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      SeededRandom random = draws.of(i, "anchor-sampling");
      List<LabelledBox> objects = batch.get(i).objects();
      boolean happens = random.nextDouble() < probability && !objects.isEmpty();
      changed.add(happens ? sampled(batch.get(i), objects, random) : batch.get(i));
    }
    return changed;
  }

  private TrainingPicture sampled(
      TrainingPicture one, List<LabelledBox> objects, SeededRandom random) {
    LabelledBox object = objects.get(random.below(objects.size()));
    double size = Math.sqrt(object.box().area());
    int target = random.below(Math.min(ANCHORS - 1, nearest(size) + 1) + 1);
    double wanted = (SMALLEST << target) * random.between(0.5, 2);
    return Zoom.around(one, object.box(), wanted / size, minVisible, random);
  }

  /** The anchor whose size is nearest, as a factor. */
  static int nearest(double size) {
    long power = Math.round(Math.log(size / SMALLEST) / Math.log(2));
    return (int) Math.clamp(power, 0, ANCHORS - 1);
  }
}
