package io.millrace.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Where numbers are on an axis.
 *
 * @param low the smallest one
 * @param high the largest one
 * @param step between ticks: 1, 2 or 5 times a power of 10
 * @param from where the smallest is, in pixels
 * @param to where the largest is
 */
record Axis(double low, double high, double step, double from, double to) {
  private static final double MOST_TICKS = 5;

  /** An axis over these numbers, a little longer than their range if all of them are alike. */
  static Axis of(double low, double high, double from, double to) {
    double end = high > low ? high : low + 1;
    return new Axis(low, end, step((end - low) / MOST_TICKS), from, to);
  }

  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The place of a number, in pixels. */
  double place(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** Multiples of the step within the axis. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (long i = Math.round(Math.ceil(low / step)); i * step <= high; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
