package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.Resampling;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies each small object to other places of its picture, with its rectangle and in slightly other
 * sizes, where it covers no other box (Kisantal et al. 2019, section 4.2). A copy for which no
 * place is found, or of which its whole pixels show nothing, is left out.
 *
 * @param copies of each object, at least 1
 * @param small largest size of a small object, the root of its area in the picture's own pixels
 */
public record CopyPaste(int copies, double small) implements BatchChange {

  private static final int TRIES = 20;
  private static final double SMALLEST = 0.8;
  private static final double LARGEST = 1.2;

  public CopyPaste {
    if (copies < 1) {
      throw new IllegalArgumentException("at least 1 copy must be made: " + copies);
    }
  }

  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    List<TrainingPicture> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      changed.add(pasted(batch.get(i), draws.of(i, "copy-paste")));
    }
    return changed;
  }

  private TrainingPicture pasted(TrainingPicture one, SeededRandom random) {
    List<LabelledBox> objects =
        one.objects().stream().filter(object -> one.ownSize(object) <= small).toList();
    if (objects.isEmpty()) {
      return one;
    }
    Picture original = one.picture();
    Picture target = new Picture(original.width(), original.height(), original.rgb().clone());
    List<LabelledBox> boxes = new ArrayList<>(one.boxes());
    Occupied occupied = new Occupied(target.width(), target.height());
    boxes.forEach(box -> occupied.add(box.box()));
    Box content = content(one);
    for (LabelledBox object : objects) {
      for (int copy = 0; copy < copies; copy++) {
        double factor = random.between(SMALLEST, LARGEST);
        LabelledBox pasted = paste(original, target, object, factor, content, occupied, random);
        if (pasted != null) {
          boxes.add(pasted);
          occupied.add(pasted.box());
        }
      }
    }
    return new TrainingPicture(target, boxes, one.placement());
  }

  /** Whole pixels that show the picture rather than padding. */
  private static Box content(TrainingPicture one) {
    Box seen =
        one.placement()
            .fromOriginal(new Box(0, 0, one.placement().width(), one.placement().height()))
            .clip(one.picture().width(), one.picture().height());
    return Box.ofCorners(
        Math.ceil(seen.x()),
        Math.ceil(seen.y()),
        Math.max(Math.ceil(seen.x()), Math.floor(seen.right())),
        Math.max(Math.ceil(seen.y()), Math.floor(seen.bottom())));
  }

  private static @Nullable LabelledBox paste(
      Picture original,
      Picture target,
      LabelledBox object,
      double factor,
      Box content,
      Occupied occupied,
      SeededRandom random) {
    Box box = object.box();
    int left = Math.clamp((int) Math.floor(box.x()), 0, original.width() - 1);
    int top = Math.clamp((int) Math.floor(box.y()), 0, original.height() - 1);
    int right = Math.clamp((int) Math.ceil(box.right()), left + 1, original.width());
    int bottom = Math.clamp((int) Math.ceil(box.bottom()), top + 1, original.height());
    int width = (int) Math.max(1, Math.round(factor * (right - left)));
    int height = (int) Math.max(1, Math.round(factor * (bottom - top)));
    if (width > content.width() || height > content.height()) {
      return null;
    }
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int x = (int) content.x() + random.below((int) content.width() - width + 1);
      int y = (int) content.y() + random.below((int) content.height() - height + 1);
      Box place = new Box(x, y, width, height);
      if (occupied.isFree(x, y, width, height)) {
        Box moved = box.transform(factor, x - factor * left, y - factor * top);
        // The patch has whole pixels, so that the box may reach a fraction of one beyond it.
        double seenRight = Math.min(moved.right(), place.right());
        double seenBottom = Math.min(moved.bottom(), place.bottom());
        if (!(seenRight > moved.x() && seenBottom > moved.y())) {
          return null;
        }
        Picture patch = original.part(left, top, right - left, bottom - top);
        put(Resampling.scale(patch, factor, width, height), target, x, y);
        return object.withBox(Box.ofCorners(moved.x(), moved.y(), seenRight, seenBottom));
      }
    }
    return null;
  }

  private static void put(Picture patch, Picture target, int x, int y) {
    for (int row = 0; row < patch.height(); row++) {
      System.arraycopy(
          patch.rgb(),
          3 * row * patch.width(),
          target.rgb(),
          3 * ((y + row) * target.width() + x),
          3 * patch.width());
    }
  }
}
