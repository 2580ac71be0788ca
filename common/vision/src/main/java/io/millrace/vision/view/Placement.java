package io.millrace.vision.view;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a picture is in what a network sees: {@code seen = scale * own + shift}.
 *
 * @param scale by which the picture was scaled
 * @param shiftX pixels to the right, after scaling
 * @param shiftY pixels down, after scaling
 * @param width of the picture itself, in its own pixels
 * @param height of the picture itself, in its own pixels
 */
public record Placement(double scale, double shiftX, double shiftY, double width, double height) {

  public Placement {
    if (!(scale > 0) || Double.isInfinite(scale) || !Double.isFinite(shiftX + shiftY)) {
      throw new IllegalArgumentException(
          "cannot place a picture with scale %s and shift %s, %s".formatted(scale, shiftX, shiftY));
    }
    if (!(width > 0) || !(height > 0)) {
      throw new IllegalArgumentException("cannot place a picture of " + width + " x " + height);
    }
  }

  /** Of a picture that is shown as it is. */
  public static Placement identity(int width, int height) {
    return new Placement(1, 0, 0, width, height);
  }

  /** Of a picture that was scaled before it was placed: its own pixels are those before that. */
  public Placement after(double earlierScale) {
    return new Placement(
        scale * earlierScale, shiftX, shiftY, width / earlierScale, height / earlierScale);
  }

  /** From the picture's own pixels to what the network sees. */
  public Box fromOriginal(Box box) {
    return box.transform(scale, shiftX, shiftY);
  }

  /** From what the network sees to the picture's own pixels, clipped to it. */
  public Box toOriginal(Box box) {
    return box.transform(1 / scale, -shiftX / scale, -shiftY / scale).clip(width, height);
  }

  /**
   * What was found in what the network sees, in the picture's own pixels; boxes that lie in the
   * padding only are left out.
   */
  public List<Detection> inOwnPixels(List<Detection> found) {
    List<Detection> mapped = new ArrayList<>();
    for (Detection detection : found) {
      Box box = toOriginal(detection.box());
      if (box.area() > 0) {
        mapped.add(
            new Detection(box, detection.classIndex(), detection.label(), detection.score()));
      }
    }
    return mapped;
  }
}
