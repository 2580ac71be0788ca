package io.millrace.vision.scene;

import java.util.random.RandomGenerator;

/** A gradient between two colours with blotches of low contrast. */
final class Background {

  private static final int CELL = 16;
  private static final float BLOTCH = 40;

  private final int width;
  private final int height;
  private final RandomGenerator random;

  Background(int width, int height, RandomGenerator random) {
    this.width = width;
    this.height = height;
    this.random = random;
  }

  /** RGB values, row after row. */
  float[] paint() {
    float[] from = colour();
    float[] to = colour();
    double angle = random.nextDouble(0, 2 * Math.PI);
    double dx = Math.cos(angle) / width;
    double dy = Math.sin(angle) / height;
    int columns = width / CELL + 2;
    float[] grid = new float[columns * (height / CELL + 2)];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = (random.nextFloat() - 0.5f) * BLOTCH;
    }
    float[] canvas = new float[width * height * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        float share =
            (float) Math.clamp(0.5 + (x - width / 2.0) * dx + (y - height / 2.0) * dy, 0, 1);
        float blotch = interpolate(grid, columns, (float) x / CELL, (float) y / CELL);
        for (int c = 0; c < 3; c++) {
          canvas[(y * width + x) * 3 + c] = from[c] + share * (to[c] - from[c]) + blotch;
        }
      }
    }
    return canvas;
  }

  private float[] colour() {
    return new float[] {
      random.nextFloat() * 255, random.nextFloat() * 255, random.nextFloat() * 255
    };
  }

  private static float interpolate(float[] grid, int columns, float x, float y) {
    int column = (int) x;
    int row = (int) y;
    float right = x - column;
    float down = y - row;
    int at = row * columns + column;
    float above = grid[at] * (1 - right) + grid[at + 1] * right;
    float below = grid[at + columns] * (1 - right) + grid[at + columns + 1] * right;
    return above * (1 - down) + below * down;
  }
}
