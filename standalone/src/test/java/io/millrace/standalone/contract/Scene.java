package io.millrace.standalone.contract;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A picture with one bright square.
 *
 * @param number makes scenes different
 */
record Scene(int number) {
  static final int SIDE = 64;
  static final String LABEL = "square";

  private static final int SQUARE = 20;

  String file() {
    return "scene-" + number + ".png";
  }

  int x() {
    return 4 + number * 7 % 36;
  }

  int y() {
    return 4 + number * 11 % 36;
  }

  byte[] png() {
    return encoded("png");
  }

  byte[] jpeg() {
    return encoded("jpg");
  }

  /** As a document of an NDJSON upload. */
  Map<String, Object> document() {
    return Map.of(
        "id",
        file(),
        "image",
        Base64.getEncoder().encodeToString(png()),
        "boxes",
        List.of(Map.of("x", x(), "y", y(), "width", SQUARE, "height", SQUARE, "label", LABEL)));
  }

  /** A COCO file about this scene. */
  String coco() {
    return """
    {"images": [{"id": 1, "file_name": "%s", "width": %d, "height": %d}],
     "categories": [{"id": 7, "name": "%s"}],
     "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [%d, %d, %d, %d]}]}
    """
        .formatted(file(), SIDE, SIDE, LABEL, x(), y(), SQUARE, SQUARE);
  }

  int size() {
    return SQUARE;
  }

  private byte[] encoded(String format) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(20, 30, 40 + number % 50));
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.setColor(Color.YELLOW);
    graphics.fillRect(x(), y(), SQUARE, SQUARE);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalStateException("no writer of " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
