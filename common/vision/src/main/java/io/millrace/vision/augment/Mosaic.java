package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * Four pictures of the batch around a random point (Bochkovskiy, Wang and Liao 2020, "YOLOv4",
 * section 3.4): of each, a random part, at the scale of the picture whose place it takes.
 *
 * @param probability that a picture becomes a mosaic
 * @param minVisible objects of which less is left are neither objects nor background
 */
public record Mosaic(double probability, double minVisible) implements BatchChange {

  private static final double NEAREST = 0.3;

  public Mosaic {
    BatchChange.requireProbability(probability);
    BatchChange.requireProbability(minVisible);
  }

  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    List<TrainingPicture> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      SeededRandom random = draws.of(i, "mosaic");
      changed.add(random.nextDouble() < probability ? mosaic(batch, i, random) : batch.get(i));
    }
    return changed;
  }

  private TrainingPicture mosaic(List<TrainingPicture> batch, int own, SeededRandom random) {
    TrainingPicture first = batch.get(own);
    int width = first.picture().width();
    int height = first.picture().height();
    int middleX = middle(width, random);
    int middleY = middle(height, random);
    Picture target = Picture.filled(width, height, 128, 128, 128);
    List<LabelledBox> boxes = new ArrayList<>();
    for (int quarter = 0; quarter < 4; quarter++) {
      TrainingPicture one = quarter == 0 ? first : batch.get(random.below(batch.size()));
      int x = quarter % 2 == 0 ? 0 : middleX;
      int y = quarter < 2 ? 0 : middleY;
      Box place = Box.ofCorners(x, y, x == 0 ? middleX : width, y == 0 ? middleY : height);
      put(atScale(one, first.placement().scale()), target, boxes, place, random);
    }
    double scale = first.placement().scale();
    return new TrainingPicture(
        target, boxes, new Placement(scale, 0, 0, width / scale, height / scale));
  }

  private static int middle(int side, SeededRandom random) {
    return Math.clamp(Math.round(side * random.between(NEAREST, 1 - NEAREST)), 1, side - 1);
  }

  /** So that sizes in own pixels stay what they are. */
  private TrainingPicture atScale(TrainingPicture one, double scale) {
    double factor = scale / one.placement().scale();
    return Math.abs(factor - 1) < 1e-9 ? one : one.zoomed(0, 0, factor, minVisible);
  }

  private void put(
      TrainingPicture one,
      Picture target,
      List<LabelledBox> boxes,
      Box place,
      SeededRandom random) {
    int width = (int) place.width();
    int height = (int) place.height();
    int left = random.below(target.width() - width + 1);
    int top = random.below(target.height() - height + 1);
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          one.picture().rgb(),
          3 * ((top + row) * target.width() + left),
          target.rgb(),
          3 * (((int) place.y() + row) * target.width() + (int) place.x()),
          3 * width);
    }
    for (LabelledBox box : one.boxes()) {
      Box whole = box.box().transform(1, place.x() - left, place.y() - top);
      TrainingPicture.addVisible(boxes, box, whole, place, minVisible);
    }
  }
}
