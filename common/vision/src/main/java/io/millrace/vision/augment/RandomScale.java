package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.view.Pyramid;
import java.util.ArrayList;
import java.util.List;

/**
 * Every picture at one scale of a pyramid; objects of sizes that the scale is not for are neither
 * objects nor background (SNIP, Singh and Davis 2018, section 5). Larger scales show a part, around
 * an object that counts if there is one.
 *
 * @param pyramid scales and sizes
 * @param minVisible objects of which less is left are neither objects nor background
 */
public record RandomScale(Pyramid pyramid, double minVisible) implements BatchChange {

  public RandomScale {
    BatchChange.requireProbability(minVisible);
  }

  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    List<TrainingPicture> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      SeededRandom random = draws.of(i, "scale");
      Pyramid.Level level = pyramid.levels().get(random.below(pyramid.levels().size()));
      changed.add(scaled(ranged(batch.get(i), level.valid()), level.factor(), random));
    }
    return changed;
  }

  private TrainingPicture scaled(TrainingPicture one, double factor, SeededRandom random) {
    List<LabelledBox> objects = one.objects();
    return objects.isEmpty()
        ? Zoom.anywhere(one, factor, minVisible, random)
        : Zoom.around(
            one, objects.get(random.below(objects.size())).box(), factor, minVisible, random);
  }

  private static TrainingPicture ranged(TrainingPicture one, SizeRange valid) {
    List<LabelledBox> boxes =
        one.boxes().stream()
            .map(box ->
                new LabelledBox(
                    box.box(),
                    box.classIndex(),
                    box.crowd() || !valid.contains(one.ownSize(box)),
                    box.area()))
            .toList();
    return new TrainingPicture(one.picture(), boxes, one.placement());
  }
}
