package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps, repairs or leaves out boxes, and notes what it did and why. */
final class BoxChecks {

  private final List<String> problems = new ArrayList<>();

  /** Left out: what does not belong to a box, e.g. a missing picture. */
  void note(String where, String reason) {
    problems.add(where + ": " + reason);
  }

  /**
   * The box inside of its picture; empty, with a note, if nothing of it is.
   *
   * @param pictureWidth in pixels; 0 if unknown
   */
  Optional<Box> check(String where, double[] xywh, double pictureWidth, double pictureHeight) {
    String shown = "box %s x %s at (%s, %s)".formatted(xywh[2], xywh[3], xywh[0], xywh[1]);
    if (!(xywh[2] > 0)
        || !(xywh[3] > 0)
        || !Double.isFinite(xywh[0] + xywh[1] + xywh[2] + xywh[3])) {
      note(where, shown + " has no area, left out");
      return Optional.empty();
    }
    Box box = new Box(xywh[0], xywh[1], xywh[2], xywh[3]);
    if (pictureWidth <= 0 || pictureHeight <= 0) {
      return Optional.of(box);
    }
    Box inside = box.clip(pictureWidth, pictureHeight);
    if (inside.area() <= 0) {
      note(where, shown + " lies outside of the picture, left out");
      return Optional.empty();
    }
    if (!inside.equals(box)) {
      note(where, shown + " reaches out of the picture, cut");
    }
    return Optional.of(inside);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }
}
