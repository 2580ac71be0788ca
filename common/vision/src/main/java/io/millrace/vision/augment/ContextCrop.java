package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;

/**
 * An object with what is around it fills the picture: its box enlarged by a factor.
 *
 * @param probability that it happens to a picture
 * @param factor of the box's longer side, above 1
 * @param minVisible objects of which less is left are neither objects nor background
 */
public record ContextCrop(double probability, double factor, double minVisible)
    implements BatchChange {

  public ContextCrop {
    BatchChange.requireProbability(probability);
    BatchChange.requireProbability(minVisible);
    if (!(factor > 1) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("a box must be enlarged: " + factor);
    }
  }

  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    List<TrainingPicture> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      TrainingPicture one = batch.get(i);
      SeededRandom random = draws.of(i, "context");
      List<LabelledBox> objects = one.objects();
      if (random.nextDouble() < probability && !objects.isEmpty()) {
        LabelledBox object = objects.get(random.below(objects.size()));
        double longer = Math.max(object.box().width(), object.box().height());
        double side = Math.min(one.picture().width(), one.picture().height());
        changed.add(Zoom.around(one, object.box(), side / (factor * longer), minVisible, random));
      } else {
        changed.add(one);
      }
    }
    return changed;
  }
}
