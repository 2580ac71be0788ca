package io.millrace.vision.view;

import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.Resampling;

/**
 * The whole picture, scaled into a fixed size without bending it, padded at the right and the
 * bottom.
 *
 * @param width of what is shown, in pixels
 * @param height of what is shown, in pixels
 */
public record Letterbox(int width, int height) implements View {

  public Letterbox {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("cannot scale to " + width + " x " + height);
    }
  }

  /** The picture at the target size; the same pixels if it has that size already. */
  @Override
  public Shown show(Picture original) {
    double scale = Math.min((double) width / original.width(), (double) height / original.height());
    Picture shown = Resampling.scale(original, scale, width, height);
    return new Shown(shown, new Placement(scale, 0, 0, original.width(), original.height()));
  }
}
