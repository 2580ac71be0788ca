package io.millrace.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws on a picture of twice the chart's size, on white; letters need no font of this machine. */
final class Raster implements Canvas {
  private static final int SCALE = 2;

  /** Share of a letter's size that is above its baseline. */
  private static final double CAPITALS = 0.72;

  private final BufferedImage image;
  private final Graphics2D graphics;

  Raster(int width, int height) {
    image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.scale(SCALE, SCALE);
    rectangle(0, 0, width, height, "#ffffff");
  }

  @Override
  public Raster rectangle(double x, double y, double width, double height, String colour) {
    graphics.setColor(Color.decode(colour));
    graphics.fill(new Rectangle2D.Double(x, y, width, height));
    return this;
  }

  @Override
  public Raster line(double x1, double y1, double x2, double y2, String colour) {
    graphics.setColor(Color.decode(colour));
    graphics.setStroke(new BasicStroke(1));
    graphics.draw(new Line2D.Double(x1, y1, x2, y2));
    return this;
  }

  @Override
  public Raster curve(List<Point> points, String colour) {
    Path2D path = new Path2D.Double();
    for (Point point : points) {
      if (path.getCurrentPoint() == null) {
        path.moveTo(point.x(), point.y());
      } else {
        path.lineTo(point.x(), point.y());
      }
    }
    graphics.setColor(Color.decode(colour));
    graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    graphics.draw(path);
    return this;
  }

  @Override
  public Raster text(double x, double y, Anchor anchor, int size, String colour, String content) {
    int[] letters = PixelFont.codePoints(content);
    // Whole dots of the picture, so that letters are sharp.
    int dot = Math.max(1, (int) Math.round(SCALE * CAPITALS * size / PixelFont.HEIGHT));
    int step = (PixelFont.WIDTH + 1) * dot;
    int width = Math.max(0, letters.length * step - dot);
    int left =
        (int) Math.round(SCALE * x)
            - switch (anchor) {
              case START -> 0;
              case MIDDLE -> width / 2;
              case END -> width;
            };
    int top = (int) Math.round(SCALE * y) - PixelFont.HEIGHT * dot;
    int rgb = Color.decode(colour).getRGB();
    for (int i = 0; i < letters.length; i++) {
      for (int row = 0; row < PixelFont.HEIGHT; row++) {
        for (int column = 0; column < PixelFont.WIDTH; column++) {
          if (PixelFont.dot(letters[i], column, row)) {
            fill(left + i * step + column * dot, top + row * dot, dot, rgb);
          }
        }
      }
    }
    return this;
  }

  private void fill(int left, int top, int side, int rgb) {
    for (int y = Math.max(0, top); y < Math.min(top + side, image.getHeight()); y++) {
      for (int x = Math.max(0, left); x < Math.min(left + side, image.getWidth()); x++) {
        image.setRGB(x, y, rgb);
      }
    }
  }

  /** The picture as a PNG file. */
  byte[] png() {
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
