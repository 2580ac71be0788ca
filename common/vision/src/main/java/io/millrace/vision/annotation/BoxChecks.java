package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Keeps, repairs or leaves out boxes and pictures, and notes what it did and why. */
final class BoxChecks {

  private final List<String> problems = new ArrayList<>();
  private final Set<Path> pictures = new HashSet<>();
  private final Set<String> ids = new HashSet<>();

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
    boolean known = pictureWidth > 0 && pictureHeight > 0;
    Box inside =
        box.clip(known ? pictureWidth : Double.MAX_VALUE, known ? pictureHeight : Double.MAX_VALUE);
    if (inside.area() <= 0) {
      note(where, shown + " lies outside of the picture, left out");
      return Optional.empty();
    }
    boolean cut = box.x() < 0 || box.y() < 0;
    if (cut || (known && (box.right() > pictureWidth || box.bottom() > pictureHeight))) {
      note(where, shown + " reaches out of the picture, cut");
      return Optional.of(inside);
    }
    return Optional.of(box);
  }

  /**
   * An id that no other picture has: the wanted one, or else the picture's path; empty, with a
   * note, if the picture itself was there already.
   */
  Optional<String> id(String where, String wanted, Path root, Path picture) {
    if (!pictures.add(picture)) {
      note(where, "picture '" + wanted + "' was there already, left out");
      return Optional.empty();
    }
    String path = root.relativize(picture).toString();
    String id = ids.contains(wanted) ? path : wanted;
    for (int i = 2; !ids.add(id); i++) {
      id = path + "#" + i;
    }
    return Optional.of(id);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }
}
