package io.millrace.vision.detector;

import io.millrace.vision.box.Box;

/**
 * YOLO's loss of one picture of 64 x 64 pixels, cell by cell: 8 x 8 cells, 2 predictors, 3 classes.
 */
final class ScalarYolo {

  private static final int VALUES = 13;

  private ScalarYolo() {}

  /** Position, size, object, empty and class loss, summed. */
  static double[] losses(double[] results, double[][] rows, double[][] ignored) {
    double[] sums = new double[5];
    for (int cell = 0; cell < 64; cell++) {
      int at = cell * VALUES;
      double[] object = object(rows, cell);
      int own = object.length == 0 ? -1 : responsible(results, at, object, cell);
      for (int p = 0; p < 2; p++) {
        double confidence = results[at + 5 * p + 4];
        if (p == own) {
          add(sums, results, at + 5 * p, object, cell);
          double overlap = box(results, at + 5 * p, cell).iou(box(object));
          sums[2] += square(confidence - overlap);
        } else if (own >= 0 || !covered(ignored, cell)) {
          sums[3] += square(confidence);
        }
      }
      if (own >= 0) {
        for (int c = 0; c < 3; c++) {
          sums[4] += square(results[at + 10 + c] - (object[1] == c ? 1 : 0));
        }
      }
    }
    return sums;
  }

  private static void add(double[] sums, double[] results, int at, double[] object, int cell) {
    sums[0] += square(results[at] - (object[2] / 8 - cell % 8));
    sums[0] += square(results[at + 1] - (object[3] / 8 - cell / 8));
    sums[1] += square(results[at + 2] - Math.sqrt(object[4] / 64));
    sums[1] += square(results[at + 3] - Math.sqrt(object[5] / 64));
  }

  private static double[] object(double[][] rows, int cell) {
    for (double[] row : rows) {
      if ((int) (row[2] / 8) == cell % 8 && (int) (row[3] / 8) == cell / 8) {
        return row;
      }
    }
    return new double[0];
  }

  private static int responsible(double[] results, int at, double[] object, int cell) {
    Box truth = box(object);
    Box first = box(results, at, cell);
    Box second = box(results, at + 5, cell);
    if (first.iou(truth) == 0 && second.iou(truth) == 0) {
      return distance(second, truth) < distance(first, truth) ? 1 : 0;
    }
    return second.iou(truth) > first.iou(truth) ? 1 : 0;
  }

  private static double distance(Box a, Box b) {
    return Math.sqrt(
        square(a.x() + a.width() / 2 - b.x() - b.width() / 2)
            + square(a.y() + a.height() / 2 - b.y() - b.height() / 2)
            + square(a.width() - b.width())
            + square(a.height() - b.height()));
  }

  private static Box box(double[] results, int at, int cell) {
    double width = square(results[at + 2]) * 64;
    double height = square(results[at + 3]) * 64;
    return new Box(
        (results[at] + cell % 8) * 8 - width / 2,
        (results[at + 1] + cell / 8) * 8 - height / 2,
        width,
        height);
  }

  private static Box box(double[] row) {
    return new Box(row[2] - row[4] / 2, row[3] - row[5] / 2, row[4], row[5]);
  }

  private static boolean covered(double[][] ignored, int cell) {
    double x = cell % 8 * 8 + 4;
    double y = cell / 8 * 8 + 4;
    for (double[] row : ignored) {
      Box box = box(row);
      if (x > box.x() && x < box.right() && y > box.y() && y < box.bottom()) {
        return true;
      }
    }
    return false;
  }

  private static double square(double x) {
    return x * x;
  }
}
