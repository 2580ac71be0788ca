package io.millrace.vision.box;

/**
 * An axis-aligned box in pixels; pixel (i, j) covers [i, i + 1) x [j, j + 1).
 *
 * @param x left edge
 * @param y top edge
 * @param width to the right, not negative
 * @param height downwards, not negative
 */
public record Box(double x, double y, double width, double height) {

  public Box {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      throw new IllegalArgumentException("a box cannot start at " + x + ", " + y);
    }
    if (!(width >= 0) || !(height >= 0) || Double.isInfinite(width + height)) {
      throw new IllegalArgumentException("a box cannot be " + width + " x " + height);
    }
  }

  /** The box between two corners. */
  public static Box ofCorners(double left, double top, double right, double bottom) {
    return new Box(left, top, right - left, bottom - top);
  }

  /** Right edge. */
  public double right() {
    return x + width;
  }

  /** Bottom edge. */
  public double bottom() {
    return y + height;
  }

  /** Square pixels. */
  public double area() {
    return width * height;
  }

  /** The box after scaling around the origin, then shifting. */
  public Box transform(double scale, double shiftX, double shiftY) {
    return new Box(scale * x + shiftX, scale * y + shiftY, scale * width, scale * height);
  }

  /** The part inside of a picture; of zero width or height if there is none. */
  public Box clip(double pictureWidth, double pictureHeight) {
    double left = Math.clamp(x, 0, pictureWidth);
    double top = Math.clamp(y, 0, pictureHeight);
    return ofCorners(
        left,
        top,
        Math.clamp(right(), left, pictureWidth),
        Math.clamp(bottom(), top, pictureHeight));
  }

  /** Intersection over union; 0 if both are empty. */
  public double iou(Box other) {
    double shared = intersection(other);
    double union = area() + other.area() - shared;
    return union > 0 ? shared / union : 0;
  }

  /** Square pixels that both cover. */
  public double intersection(Box other) {
    double sharedWidth = Math.min(right(), other.right()) - Math.max(x, other.x);
    double sharedHeight = Math.min(bottom(), other.bottom()) - Math.max(y, other.y);
    return sharedWidth > 0 && sharedHeight > 0 ? sharedWidth * sharedHeight : 0;
  }
}
