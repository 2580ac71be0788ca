package io.millrace.encoder.classify;

import java.util.Arrays;
import java.util.List;

/** How much an example of each class counts. */
public sealed interface ClassWeights {

  /** All examples alike. */
  ClassWeights EQUAL = new Given(List.of());

  /**
   * A number for each class.
   *
   * @param weights in the order of the classes; empty: all alike
   */
  record Given(List<Double> weights) implements ClassWeights {

    /**
     * Checks the weights.
     *
     * @throws IllegalArgumentException if one is not above 0
     */
    public Given {
      weights = List.copyOf(weights);
      for (double weight : weights) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
          throw new IllegalArgumentException("a class cannot count " + weight + " times");
        }
      }
    }
  }

  /**
   * Each class that occurs in a step counts as much as another: an example counts as many times as
   * all examples of the step are, by those of its class and by the classes that occur. What a step
   * learns follows from its own examples then, so that a resumed training is as it was.
   */
  record Balanced() implements ClassWeights {}

  /**
   * Checks that there is a weight for each of some classes.
   *
   * @throws IllegalArgumentException if there are weights of another number
   */
  default void requireFit(int classes) {
    switch (this) {
      case Given(List<Double> weights) -> {
        if (!weights.isEmpty() && weights.size() != classes) {
          throw new IllegalArgumentException(
              "%d weights of %d classes".formatted(weights.size(), classes));
        }
      }
      case Balanced() -> {}
    }
  }

  /** The weights of the classes for the examples of a step. */
  default double[] of(List<ExampleBatch> batches, int classes) {
    double[] weights = new double[classes];
    switch (this) {
      case Given(List<Double> given) ->
          Arrays.setAll(weights, i -> given.isEmpty() ? 1 : given.get(i));
      case Balanced() -> {
        long[] counts = new long[classes];
        for (ExampleBatch batch : batches) {
          for (long label : batch.classes()) {
            if (label != ExampleBatch.NONE) {
              counts[(int) label]++;
            }
          }
        }
        double all = Arrays.stream(counts).sum();
        long occurring = Arrays.stream(counts).filter(count -> count > 0).count();
        Arrays.setAll(weights, i -> counts[i] == 0 ? 0 : all / ((double) occurring * counts[i]));
      }
    }
    return weights;
  }
}
