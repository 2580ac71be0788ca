package io.millrace.vision.scene;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Renders scenes of shapes and letters, many of them small, on noisy backgrounds.
 *
 * <p>Scene {@code i} of a seed is the same on every machine and does not depend on the others.
 */
public final class SceneRenderer {

  private static final int LEAST_FIGURES = 2;
  private static final int MOST_FIGURES = 7;
  private static final double SMALL_SHARE = 0.6;
  private static final int SMALLEST_SIDE = 9;
  private static final int MEDIUM_SIDE = 20;
  private static final int LARGEST_SIDE = 44;
  private static final double OVERLAP = 0.02;
  private static final double LEAST_CONTRAST = 70;
  private static final int ATTEMPTS = 40;
  private static final int SUBPIXELS = 4;

  private final int width;
  private final int height;
  private final long seed;

  /** A renderer of pictures of one size. */
  public SceneRenderer(int width, int height, long seed) {
    if (width < LARGEST_SIDE * 2 || height < LARGEST_SIDE * 2) {
      throw new IllegalArgumentException(
          "a scene needs %d pixels a side, not %d x %d".formatted(LARGEST_SIDE * 2, width, height));
    }
    this.width = width;
    this.height = height;
    this.seed = seed;
  }

  /** Class names in the order of their indices. */
  public static List<String> classes() {
    return Figure.labels();
  }

  /** One scene. */
  public Scene render(long index) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + index);
    float[] canvas = new Background(width, height, random).paint();
    List<LabelledBox> boxes = new ArrayList<>();
    int figures = random.nextInt(LEAST_FIGURES, MOST_FIGURES + 1);
    for (int attempt = 0; attempt < ATTEMPTS && boxes.size() < figures; attempt++) {
      double side =
          random.nextDouble() < SMALL_SHARE
              ? random.nextDouble(SMALLEST_SIDE, MEDIUM_SIDE)
              : random.nextDouble(MEDIUM_SIDE, LARGEST_SIDE);
      Placement placement =
          new Placement(
              Figure.values()[random.nextInt(Figure.values().length)],
              random.nextDouble(side * 0.75, width - side * 0.75),
              random.nextDouble(side * 0.75, height - side * 0.75),
              side / 2,
              random.nextDouble(-0.35, 0.35));
      boolean crowded =
          boxes.stream().anyMatch(other -> other.box().iou(placement.surroundings()) > OVERLAP);
      if (!crowded) {
        draw(canvas, placement, colour(canvas, placement, random), boxes);
      }
    }
    return new Scene(toPicture(canvas, random), boxes);
  }

  /** A figure at its place. */
  private record Placement(Figure figure, double x, double y, double radius, double angle) {
    Box surroundings() {
      return new Box(x - radius, y - radius, 2 * radius, 2 * radius);
    }

    boolean contains(double px, double py) {
      double dx = (px - x) / radius;
      double dy = (py - y) / radius;
      double cos = Math.cos(angle);
      double sin = Math.sin(angle);
      return figure.contains(cos * dx + sin * dy, cos * dy - sin * dx);
    }
  }

  private void draw(float[] canvas, Placement placement, float[] colour, List<LabelledBox> boxes) {
    double left = width;
    double top = height;
    double right = 0;
    double bottom = 0;
    double reach = placement.radius() * 1.5;
    int firstX = Math.max(0, (int) (placement.x() - reach));
    int lastX = Math.min(width - 1, (int) (placement.x() + reach));
    int firstY = Math.max(0, (int) (placement.y() - reach));
    int lastY = Math.min(height - 1, (int) (placement.y() + reach));
    for (int y = firstY; y <= lastY; y++) {
      for (int x = firstX; x <= lastX; x++) {
        int covered = 0;
        for (int s = 0; s < SUBPIXELS * SUBPIXELS; s++) {
          double px = x + (s % SUBPIXELS + 0.5) / SUBPIXELS;
          double py = y + (s / SUBPIXELS + 0.5) / SUBPIXELS;
          if (placement.contains(px, py)) {
            covered++;
            double half = 0.5 / SUBPIXELS;
            left = Math.min(left, px - half);
            top = Math.min(top, py - half);
            right = Math.max(right, px + half);
            bottom = Math.max(bottom, py + half);
          }
        }
        float share = covered / (float) (SUBPIXELS * SUBPIXELS);
        for (int c = 0; c < 3; c++) {
          int at = (y * width + x) * 3 + c;
          canvas[at] += share * (colour[c] - canvas[at]);
        }
      }
    }
    if (right > left) {
      boxes.add(
          new LabelledBox(
              Box.ofCorners(left, top, right, bottom),
              placement.figure().ordinal(),
              /* crowd= */ false));
    }
  }

  /** A colour that can be told from what lies behind. */
  private float[] colour(float[] canvas, Placement placement, RandomGenerator random) {
    int behind = ((int) placement.y() * width + (int) placement.x()) * 3;
    while (true) {
      float[] colour = {
        random.nextFloat() * 255, random.nextFloat() * 255, random.nextFloat() * 255
      };
      double contrast = 0;
      for (int c = 0; c < 3; c++) {
        contrast += Math.abs(colour[c] - canvas[behind + c]) / 3;
      }
      if (contrast > LEAST_CONTRAST) {
        return colour;
      }
    }
  }

  private Picture toPicture(float[] canvas, RandomGenerator random) {
    double noise = random.nextDouble(2, 14);
    byte[] rgb = new byte[canvas.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.clamp(Math.round(canvas[i] + noise * random.nextGaussian()), 0, 255);
    }
    return new Picture(width, height, rgb);
  }
}
