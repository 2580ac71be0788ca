package io.millrace.encoder.classify;

import io.millrace.tensor.loss.RowLabels;
import java.util.Arrays;

/**
 * Examples that a classifier learns from.
 *
 * @param inputs what is given
 * @param classes of each, by number; {@value #NONE}: it has no label, and nothing is learned of it
 */
@SuppressWarnings("ArrayRecordComponent") // Goes to a kernel as it is, is never compared.
public record ExampleBatch(Inputs inputs, long[] classes) {

  /** The class of an example without a label. */
  public static final long NONE = -1;

  /**
   * Checks that there is a class an example.
   *
   * @throws IllegalArgumentException if not
   */
  public ExampleBatch {
    if (inputs.count() != classes.length) {
      throw new IllegalArgumentException(
          "%d examples with %d labels".formatted(inputs.count(), classes.length));
    }
  }

  /** Number of examples. */
  public int size() {
    return classes.length;
  }

  /** Number of those with a label. */
  public int labelled() {
    return (int) Arrays.stream(classes).filter(one -> one != NONE).count();
  }

  RowLabels labels(double[] classWeights) {
    return RowLabels.weighted(classes, classWeights);
  }

  /**
   * Checks that a model can learn from it.
   *
   * @throws IllegalArgumentException if an input or a class is not such as it takes
   */
  void requireFits(ClassifierConfig config) {
    config.input().requireFits(inputs);
    for (long one : classes) {
      if (one < NONE || one >= config.classes().size()) {
        throw new IllegalArgumentException(
            "an example of class %d of %d".formatted(one, config.classes().size()));
      }
    }
  }
}
