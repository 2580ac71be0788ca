package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.PictureHeader;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Keeps, repairs or leaves out boxes and pictures, and notes what it did and why. */
final class BoxChecks {

  /** In pixels. */
  private static final double ROUNDING = 0.02;

  private final SetFiles files;
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());
  private final List<String> problems = new ArrayList<>();
  private final Set<String> pictures = new HashSet<>();
  private final Set<String> leftOut = new TreeSet<>();
  private final Set<String> ids = new HashSet<>();

  BoxChecks(SetFiles files) {
    this.files = files;
  }

  /** Left out: what does not belong to a box, e.g. a missing picture. */
  void note(String where, String reason) {
    problems.add(where + ": " + reason);
  }

  /**
   * In which pixels the boxes of a picture count; empty, with a note, if the picture cannot be read
   * or is another one than the annotation means.
   *
   * @param name of the picture's file
   * @param width as the annotation declares it; 0 if it does not
   */
  Optional<BoxFrame> frame(String where, String name, double width, double height) {
    PictureHeader header;
    try {
      header = reader.header(files.path(name), name);
    } catch (InvalidPictureException e) {
      leaveOut(name, where, "picture " + e.getMessage() + "; left out");
      return Optional.empty();
    } catch (IOException e) {
      leaveOut(name, where, "picture %s cannot be read (%s), left out".formatted(name, e));
      return Optional.empty();
    }
    BoxFrame frame = BoxFrame.of(header, width, height);
    if (!frame.problem().isEmpty()) {
      note(where, "picture '" + name + "' " + frame.problem());
    }
    if (!frame.fits()) {
      leftOut.add(name);
      return Optional.empty();
    }
    return Optional.of(frame);
  }

  /** A picture's file that cannot be used for a reason that is noted elsewhere. */
  void leaveOut(String name) {
    leftOut.add(name);
  }

  private void leaveOut(String name, String where, String reason) {
    leaveOut(name);
    note(where, reason);
  }

  /** The box inside of its picture; empty, with a note, if nothing of it is. */
  Optional<Box> check(String where, double[] xywh, BoxFrame frame) {
    String shown = "box %s x %s at (%s, %s)".formatted(xywh[2], xywh[3], xywh[0], xywh[1]);
    if (!(xywh[2] > 0)
        || !(xywh[3] > 0)
        || !Double.isFinite(xywh[0] + xywh[1] + xywh[2] + xywh[3])) {
      note(where, shown + " has no area, left out");
      return Optional.empty();
    }
    Box box = new Box(xywh[0], xywh[1], xywh[2], xywh[3]);
    Box inside = box.clip(frame.width(), frame.height());
    if (inside.area() <= 0) {
      note(where, shown + " lies outside of the picture, left out");
      return Optional.empty();
    }
    boolean cut =
        box.x() < 0 || box.y() < 0 || box.right() > frame.width() || box.bottom() > frame.height();
    if (!isWithin(box, frame)) {
      note(where, shown + " reaches out of the picture, cut");
    }
    return Optional.of(frame.seen(cut ? inside : box));
  }

  /** But for what files lose that round shares of a side to six digits, as those of YOLO. */
  private static boolean isWithin(Box box, BoxFrame frame) {
    return box.x() >= -ROUNDING
        && box.y() >= -ROUNDING
        && box.right() <= frame.width() + ROUNDING
        && box.bottom() <= frame.height() + ROUNDING;
  }

  /**
   * An id that no other picture has: the wanted one, or else the picture's name; empty, with a
   * note, if the picture itself was there already.
   */
  Optional<String> id(String where, String wanted, String picture) {
    if (!pictures.add(picture)) {
      note(where, "picture '" + wanted + "' was there already, left out");
      return Optional.empty();
    }
    String id = ids.contains(wanted) ? picture : wanted;
    for (int i = 2; !ids.add(id); i++) {
      id = picture + "#" + i;
    }
    return Optional.of(id);
  }

  /** Everything together. */
  AnnotationSet set(List<AnnotatedPicture> found, List<String> classes) {
    if (files.resourceForks() > 0) {
      problems.add(
          "%d files that macOS adds to archives (__MACOSX, ._*) are ignored"
              .formatted(files.resourceForks()));
    }
    return new AnnotationSet(
        found, List.copyOf(classes), List.copyOf(problems), Set.copyOf(leftOut));
  }

  /** Why nothing can be used; the first problems tell. */
  InvalidAnnotationException nothing() {
    int more = problems.size() - 1;
    return new InvalidAnnotationException(
        files.title()
            + " holds no picture that can be used"
            + (problems.isEmpty() ? "" : ": " + problems.getFirst())
            + (more > 0 ? " (and " + more + " more)" : ""));
  }
}
