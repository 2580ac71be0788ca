package io.millrace.tensor.activation;

import io.millrace.chart.CurveGrid;
import io.millrace.tensor.engine.TensorEngine;
import java.util.List;

/**
 * Activations over a range of numbers, to be read and to be looked at.
 *
 * @param activations in the order of the request
 */
public record ActivationCurves(List<ActivationCurve> activations) {

  /** Places of one curve. */
  public static final int MOST_POINTS = 1001;

  private static final double FARTHEST = 1000;

  public ActivationCurves {
    activations = List.copyOf(activations);
  }

  /**
   * What is asked for.
   *
   * @param names of activations; empty: all
   * @param from the first place, at least -1000
   * @param to the last one, at most 1000
   * @param points places at equal distances, 2 to 1001
   */
  public record Request(List<String> names, double from, double to, int points) {

    /** Places that show everything that these functions do: -5 to 5 in steps of 0.05. */
    public static Request usual(List<String> names) {
      return new Request(names, -5, 5, 201);
    }

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if there is nothing to see in it
     */
    public Request {
      names = List.copyOf(names);
      requireRange(from, to);
      requirePoints(points);
    }

    /**
     * Checks the ends alone.
     *
     * @throws IllegalArgumentException if there is nothing between them, or too much
     */
    public static void requireRange(double from, double to) {
      if (!(from < to && from >= -FARTHEST && to <= FARTHEST)) {
        throw new IllegalArgumentException(
            "from %s to %s; from must be less than to, and both between -1000 and 1000"
                .formatted(from, to));
      }
    }

    /**
     * Checks the number of places alone.
     *
     * @throws IllegalArgumentException if there are too few or too many
     */
    public static void requirePoints(int points) {
      if (points < 2 || points > MOST_POINTS) {
        throw new IllegalArgumentException(
            "points is %d; it must be from 2 to %d".formatted(points, MOST_POINTS));
      }
    }

    private double[] places() {
      double[] x = new double[points];
      for (int i = 0; i < points; i++) {
        x[i] = from + (to - from) * i / (points - 1);
      }
      return x;
    }
  }

  /**
   * The curves of a request.
   *
   * @throws IllegalArgumentException if there is no activation of a name; the message has all
   */
  public static ActivationCurves of(TensorEngine engine, Request request) {
    double[] x = request.places();
    return new ActivationCurves(
        Activation.named(request.names()).stream()
            .map(activation -> ActivationCurve.of(engine, activation, x))
            .toList());
  }

  /**
   * A panel for each of them.
   *
   * @param derivatives whether these are drawn, too
   */
  public CurveGrid chart(boolean derivatives) {
    return new CurveGrid(
        "Activations",
        derivatives ? List.of("value", "derivative") : List.of("value"),
        activations.stream()
            .map(curve ->
                new CurveGrid.Panel(
                    curve.activation().key(),
                    curve.x(),
                    derivatives
                        ? List.of(curve.values(), curve.derivatives())
                        : List.of(curve.values())))
            .toList());
  }
}
