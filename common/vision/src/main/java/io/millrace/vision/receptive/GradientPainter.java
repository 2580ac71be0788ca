package io.millrace.vision.receptive;

import io.millrace.vision.picture.Picture;
import java.util.List;

/** Draws what cells depend on as pictures: the brighter a pixel, the more it matters. */
public final class GradientPainter {

  private static final int GAP = 4;
  private static final int FIELD = 0x4363d8;
  private static final int HELD = 0xf58231;

  private GradientPainter() {}

  /**
   * A map with two squares.
   *
   * @param gradients brightness is the root of the gradient, as a share of the largest
   * @param x middle of both squares
   * @param y middle of both squares
   * @param field side of the blue one, what layers allow
   * @param held side of the orange one, what holds most
   */
  public record Panel(GradientMap gradients, double x, double y, double field, double held) {}

  /** All panels side by side on white. */
  public static Picture paint(List<Panel> panels) {
    int width = -GAP;
    int height = 1;
    for (Panel panel : panels) {
      width += panel.gradients().width() + GAP;
      height = Math.max(height, panel.gradients().height());
    }
    Picture picture = Picture.filled(Math.max(width, 1), height, 255, 255, 255);
    int left = 0;
    for (Panel panel : panels) {
      paint(picture, left, panel);
      left += panel.gradients().width() + GAP;
    }
    return picture;
  }

  private static void paint(Picture picture, int left, Panel panel) {
    GradientMap gradients = panel.gradients();
    double largest = 0;
    for (int y = 0; y < gradients.height(); y++) {
      for (int x = 0; x < gradients.width(); x++) {
        largest = Math.max(largest, gradients.get(x, y));
      }
    }
    for (int y = 0; y < gradients.height(); y++) {
      for (int x = 0; x < gradients.width(); x++) {
        // Squares: their fourth root is the root of a gradient.
        double bright = largest == 0 ? 0 : Math.sqrt(Math.sqrt(gradients.get(x, y) / largest));
        int grey = (int) Math.round(255 * bright);
        int colour = grey << 16 | grey << 8 | grey;
        if (isOnFrame(panel, panel.field(), x, y)) {
          colour = FIELD;
        }
        if (isOnFrame(panel, panel.held(), x, y)) {
          colour = HELD;
        }
        set(picture, left + x, y, colour);
      }
    }
  }

  private static boolean isOnFrame(Panel panel, double side, int x, int y) {
    double away = Math.max(Math.abs(x - panel.x()), Math.abs(y - panel.y()));
    return side > 0 && away <= side / 2 && away > side / 2 - 1;
  }

  private static void set(Picture picture, int x, int y, int colour) {
    int at = 3 * (y * picture.width() + x);
    picture.rgb()[at] = (byte) (colour >> 16);
    picture.rgb()[at + 1] = (byte) (colour >> 8);
    picture.rgb()[at + 2] = (byte) colour;
  }
}
