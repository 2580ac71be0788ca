package io.millrace.vision.augment;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Placement;
import io.millrace.vision.view.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture of a batch with its truth.
 *
 * @param boxes in pixels of what is shown
 * @param placement where the picture itself is in what is shown
 */
public record TrainingPicture(Picture picture, List<LabelledBox> boxes, Placement placement) {

  public TrainingPicture {
    boxes = List.copyOf(boxes);
  }

  /** Root of a box's area in the picture's own pixels. */
  double ownSize(LabelledBox one) {
    return Math.sqrt(one.box().area()) / placement.scale();
  }

  /** Objects, without crowds, in order. */
  List<LabelledBox> objects() {
    return boxes.stream().filter(one -> !one.crowd()).toList();
  }

  /**
   * A part of it at another scale, of the same size as it; padded where it ends.
   *
   * @param minVisible objects of which less is left are neither objects nor background
   */
  TrainingPicture zoomed(int left, int top, double factor, double minVisible) {
    int width = picture.width();
    int height = picture.height();
    List<LabelledBox> moved = new ArrayList<>();
    for (LabelledBox one : boxes) {
      Box whole = one.box().transform(factor, -factor * left, -factor * top);
      addVisible(moved, one, whole, new Box(0, 0, width, height), minVisible);
    }
    return new TrainingPicture(
        new Window(left, top, factor, width, height).show(picture).picture(),
        moved,
        new Placement(
            factor * placement.scale(),
            factor * (placement.shiftX() - left),
            factor * (placement.shiftY() - top),
            placement.width(),
            placement.height()));
  }

  /** Adds what a frame shows of a box that is elsewhere now; nothing if it shows nothing. */
  static void addVisible(
      List<LabelledBox> boxes, LabelledBox one, Box whole, Box frame, double minVisible) {
    double left = Math.clamp(whole.x(), frame.x(), frame.right());
    double top = Math.clamp(whole.y(), frame.y(), frame.bottom());
    Box visible =
        Box.ofCorners(
            left,
            top,
            Math.clamp(whole.right(), left, frame.right()),
            Math.clamp(whole.bottom(), top, frame.bottom()));
    if (visible.area() > 0) {
      LabelledBox shown = one.withBox(visible);
      boolean enough = visible.area() >= minVisible * whole.area();
      boxes.add(new LabelledBox(visible, one.classIndex(), one.crowd() || !enough, shown.area()));
    }
  }
}
