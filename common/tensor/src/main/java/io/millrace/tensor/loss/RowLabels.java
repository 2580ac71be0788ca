package io.millrace.tensor.loss;

import java.util.Arrays;
import java.util.List;

/**
 * The labels of some rows, and what each row weighs.
 *
 * @param classes a label a row, from 0; negative: the row is ignored
 * @param weights not negative, 0 where the row is ignored
 */
@SuppressWarnings("ArrayRecordComponent") // goes to the kernel as it is, is never compared
public record RowLabels(long[] classes, double[] weights) {

  /** Checks that there is a weight a row. */
  public RowLabels {
    if (classes.length != weights.length) {
      throw new IllegalArgumentException(
          "%d labels and %d weights".formatted(classes.length, weights.length));
    }
  }

  /** Rows that weigh 1 each. */
  public static RowLabels of(long... classes) {
    return new RowLabels(
        classes, Arrays.stream(classes).mapToDouble(label -> label < 0 ? 0 : 1).toArray());
  }

  /**
   * Rows that weigh what their label does.
   *
   * @param labelWeights a number a class, finite and not negative
   * @throws IllegalArgumentException if a label has no weight; the message names the row
   */
  public static RowLabels weighted(long[] classes, double[] labelWeights) {
    requireWeights(labelWeights);
    double[] weights = new double[classes.length];
    for (int row = 0; row < classes.length; row++) {
      requireClass(classes[row], row, labelWeights.length);
      weights[row] = classes[row] < 0 ? 0 : labelWeights[Math.toIntExact(classes[row])];
    }
    return new RowLabels(classes, weights);
  }

  /** All rows of several, in order. */
  public static RowLabels joined(List<RowLabels> parts) {
    return new RowLabels(
        parts.stream().flatMapToLong(part -> Arrays.stream(part.classes)).toArray(),
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.weights)).toArray());
  }

  /** Rows. */
  public int count() {
    return classes.length;
  }

  /** Sum of the weights. */
  public double total() {
    return Arrays.stream(weights).sum();
  }

  /**
   * Checks that every label is one of so many classes.
   *
   * @throws IllegalArgumentException if not; the message names the row
   */
  void requireClasses(long count) {
    for (int row = 0; row < classes.length; row++) {
      requireClass(classes[row], row, count);
    }
  }

  private static void requireClass(long label, int row, long count) {
    if (label >= count) {
      throw new IllegalArgumentException(
          "the label of row %d is %d; classes are from 0 to %d".formatted(row, label, count - 1));
    }
  }

  private static void requireWeights(double[] labelWeights) {
    for (int label = 0; label < labelWeights.length; label++) {
      if (!(labelWeights[label] >= 0) || Double.isInfinite(labelWeights[label])) {
        throw new IllegalArgumentException(
            "the weight of class %d is %s; it must be finite and not negative"
                .formatted(label, labelWeights[label]));
      }
    }
  }
}
