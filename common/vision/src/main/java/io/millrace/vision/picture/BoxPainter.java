package io.millrace.vision.picture;

import io.millrace.chart.PixelFont;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.List;
import java.util.Locale;

/** Draws boxes with their labels and scores onto a copy of a picture, a colour for each class. */
public final class BoxPainter {

  /** Colours that are easily told apart, as 0xRRGGBB. */
  private static final int[] COLOURS = {
    0xe6194b, 0x3cb44b, 0x4363d8, 0xf58231, 0x911eb4, 0x42d4f4, 0xf032e6, 0xbfef45, 0x469990,
    0x9a6324, 0x800000, 0x808000
  };

  private static final int SMALL_PICTURE = 400;

  private BoxPainter() {}

  /** The picture with every detection; those outside of it are not seen. */
  public static Picture paint(Picture picture, List<Detection> detections) {
    Picture painted = new Picture(picture.width(), picture.height(), picture.rgb().clone());
    int dot = Math.max(picture.width(), picture.height()) < SMALL_PICTURE ? 1 : 2;
    for (Detection detection : detections) {
      int colour = COLOURS[detection.classIndex() % COLOURS.length];
      frame(painted, detection.box(), dot, colour);
    }
    for (Detection detection : detections) {
      int colour = COLOURS[detection.classIndex() % COLOURS.length];
      String text = String.format(Locale.ROOT, "%s %.2f", detection.label(), detection.score());
      label(painted, detection.box(), text, dot, colour);
    }
    return painted;
  }

  /** Lines just inside of the box. */
  private static void frame(Picture picture, Box box, int thickness, int colour) {
    int left = (int) Math.floor(box.x());
    int top = (int) Math.floor(box.y());
    int right = Math.max(left + 1, (int) Math.ceil(box.right()));
    int bottom = Math.max(top + 1, (int) Math.ceil(box.bottom()));
    fill(picture, left, top, right, Math.min(top + thickness, bottom), colour);
    fill(picture, left, Math.max(bottom - thickness, top), right, bottom, colour);
    fill(picture, left, top, Math.min(left + thickness, right), bottom, colour);
    fill(picture, Math.max(right - thickness, left), top, right, bottom, colour);
  }

  /** White on the box's colour above the box, or below its upper edge where there is no room. */
  private static void label(Picture picture, Box box, String text, int dot, int colour) {
    int[] letters = PixelFont.codePoints(text);
    int step = (PixelFont.WIDTH + 1) * dot;
    int width = letters.length * step + dot;
    int height = (PixelFont.HEIGHT + 2) * dot;
    int left = Math.clamp((int) Math.floor(box.x()), 0, Math.max(0, picture.width() - width));
    int above = (int) Math.floor(box.y()) - height;
    int top = above >= 0 ? above : Math.max(0, (int) Math.floor(box.y()));
    fill(picture, left, top, left + width, top + height, colour);
    for (int i = 0; i < letters.length; i++) {
      for (int row = 0; row < PixelFont.HEIGHT; row++) {
        for (int column = 0; column < PixelFont.WIDTH; column++) {
          if (PixelFont.dot(letters[i], column, row)) {
            int x = left + dot + i * step + column * dot;
            int y = top + dot + row * dot;
            fill(picture, x, y, x + dot, y + dot, 0xffffff);
          }
        }
      }
    }
  }

  private static void fill(Picture picture, int left, int top, int right, int bottom, int colour) {
    byte[] rgb = picture.rgb();
    for (int y = Math.max(0, top); y < Math.min(bottom, picture.height()); y++) {
      for (int x = Math.max(0, left); x < Math.min(right, picture.width()); x++) {
        int at = 3 * (y * picture.width() + x);
        rgb[at] = (byte) (colour >> 16);
        rgb[at + 1] = (byte) (colour >> 8);
        rgb[at + 2] = (byte) colour;
      }
    }
  }
}
