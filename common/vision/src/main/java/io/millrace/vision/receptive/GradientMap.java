package io.millrace.vision.receptive;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How much a cell depends on each pixel: squared gradients by the pixels of a picture (Luo et al.
 * 2016, arXiv 1701.04128, section 3).
 */
public final class GradientMap {

  private final int width;
  private final int height;
  private final double[] squares;
  private final double total;

  /**
   * Takes squared gradients.
   *
   * @param squares row after row, none of them negative
   * @throws IllegalArgumentException if they do not fit the size, or are none
   */
  public GradientMap(int width, int height, double[] squares) {
    if (width < 1 || height < 1 || squares.length != (long) width * height) {
      throw new IllegalArgumentException(
          "%d values are not those of %d x %d pixels".formatted(squares.length, width, height));
    }
    this.width = width;
    this.height = height;
    this.squares = squares.clone();
    double sum = 0;
    for (double square : squares) {
      if (!(square >= 0) || Double.isInfinite(square)) {
        throw new IllegalArgumentException("a squared gradient is " + square);
      }
      sum += square;
    }
    this.total = sum;
  }

  /** Pixels in a row. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** The squared gradient of a pixel. */
  public double get(int x, int y) {
    return squares[y * width + x];
  }

  /**
   * Share of all squared gradients within a square.
   *
   * @param x of its middle, where pixel 0 has its middle at 0
   * @param y of its middle
   * @param side in pixels
   * @return 0 to 1; 0 if no pixel matters at all
   */
  public double shareWithin(double x, double y, double side) {
    double within = 0;
    for (int i = 0; i < squares.length; i++) {
      if (side(i, x, y) <= side) {
        within += squares[i];
      }
    }
    return total == 0 ? 0 : within / total;
  }

  /**
   * Side of the smallest square around a point that holds a share of all squared gradients; 0 if no
   * pixel matters at all.
   *
   * @param share above 0, to 1
   */
  public double sideHolding(double x, double y, double share) {
    int[] outwards =
        IntStream.range(0, squares.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> side(i, x, y)))
            .mapToInt(Integer::intValue)
            .toArray();
    double within = 0;
    for (int i : outwards) {
      within += squares[i];
      // Sums of the same numbers in another order differ by rounding.
      if (total > 0 && within >= share * total * (1 - 1e-12)) {
        return side(i, x, y);
      }
    }
    return 0;
  }

  /** Side of the square around a point that a pixel's middle is on the border of, and a pixel. */
  private double side(int pixel, double x, double y) {
    double away = Math.max(Math.abs(pixel % width - x), Math.abs((double) (pixel / width) - y));
    return 2 * away + 1;
  }
}
