package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Orientation;
import io.millrace.vision.picture.PictureHeader;

/**
 * In which pixels the boxes of a picture count, as the size that its annotation declares tells.
 *
 * @param fits whether they belong to this picture at all
 * @param width of those pixels
 * @param height of those pixels
 * @param turn what brings them to what a person sees
 * @param problem what is wrong or was assumed; empty if nothing
 */
record BoxFrame(boolean fits, double width, double height, Orientation turn, String problem) {

  /**
   * Compares the declared size with the stored one.
   *
   * @param width declared; 0 if it is not
   * @param height declared; 0 if it is not
   */
  static BoxFrame of(PictureHeader picture, double width, double height) {
    boolean declared = width > 0 && height > 0;
    boolean turned = picture.orientation() != Orientation.UPRIGHT;
    boolean asStored = width == picture.width() && height == picture.height();
    boolean asSeen = width == picture.displayedWidth() && height == picture.displayedHeight();
    if (declared && !asStored && !asSeen) {
      return new BoxFrame(
          false,
          0,
          0,
          Orientation.UPRIGHT,
          "is %d x %d, its annotation says %s x %s: boxes would be elsewhere, left out"
              .formatted(
                  picture.displayedWidth(),
                  picture.displayedHeight(),
                  whole(width),
                  whole(height)));
    }
    if (turned && declared && asStored && !asSeen) {
      return new BoxFrame(
          true,
          picture.width(),
          picture.height(),
          picture.orientation(),
          "is turned by its EXIF orientation %d, its boxes were not: turned too"
              .formatted(picture.orientation().exif()));
    }
    boolean open = turned && (!declared || asStored);
    return new BoxFrame(
        true,
        picture.displayedWidth(),
        picture.displayedHeight(),
        Orientation.UPRIGHT,
        open
            ? ("has the EXIF orientation %d and no size that tells whether its boxes were drawn"
                    + " before or after turning: taken as drawn on the turned picture")
                .formatted(picture.orientation().exif())
            : "");
  }

  /** Where a person sees a box. */
  Box seen(Box box) {
    return turn == Orientation.UPRIGHT ? box : turn.turn(box, (int) width, (int) height);
  }

  private static String whole(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
