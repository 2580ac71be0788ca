package io.millrace.data.document;

import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Image;

/** How much truth a picture may have, wherever it comes from. */
public final class PictureRules {
  /** Most boxes; training takes a map of the picture's cells for each. */
  public static final int MOST_BOXES = 1000;

  /** Longest label in characters. */
  public static final int LONGEST_LABEL = 128;

  /** Furthest place from a picture's corner, in pixels; more is an error of whoever wrote it. */
  private static final int FURTHEST = 1 << 20;

  private PictureRules() {}

  /** What is too much; empty if nothing is. */
  public static String faultOf(Image image) {
    if (image.getBoxesCount() > MOST_BOXES) {
      return "a picture with %d boxes; at most %d are taken"
          .formatted(image.getBoxesCount(), MOST_BOXES);
    }
    for (int i = 0; i < image.getBoxesCount(); i++) {
      Box box = image.getBoxes(i);
      if (!isPlace(box.getX()) || !isPlace(box.getY())) {
        return "box %d is at %s, %s; both must be numbers of pixels within %d"
            .formatted(i, box.getX(), box.getY(), FURTHEST);
      }
      if (!isLength(box.getWidth()) || !isLength(box.getHeight())) {
        return "box %d is %s pixels wide and %s high; both must be above 0 and at most %d"
            .formatted(i, box.getWidth(), box.getHeight(), FURTHEST);
      }
      if (box.hasArea() && !(box.getArea() > 0 && Float.isFinite(box.getArea()))) {
        return "box %d has an area of %s square pixels".formatted(i, box.getArea());
      }
      if (box.getLabel().length() > LONGEST_LABEL) {
        return "box %d has a label of %d characters; at most %d are taken"
            .formatted(i, box.getLabel().length(), LONGEST_LABEL);
      }
    }
    return "";
  }

  private static boolean isPlace(float pixels) {
    return Math.abs(pixels) <= FURTHEST;
  }

  private static boolean isLength(float pixels) {
    return pixels > 0 && pixels <= FURTHEST;
  }
}
