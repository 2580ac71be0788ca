package io.millrace.tensor.train;

import java.util.Arrays;
import java.util.Random;

/**
 * A batch of {@link RegressionLearner}.
 *
 * @param inputs rows of {@link #INPUTS} numbers
 * @param targets one number a row
 */
record Examples(float[] inputs, float[] targets) {

  static final int INPUTS = 3;

  /** Rows of y = 2 a - b + 0.5 c + 1, the same for the same seed. */
  static Examples of(int seed, int count) {
    Random random = new Random(seed);
    float[] inputs = new float[count * INPUTS];
    float[] targets = new float[count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < INPUTS; j++) {
        inputs[i * INPUTS + j] = (float) random.nextGaussian();
      }
      targets[i] =
          2 * inputs[i * INPUTS] - inputs[i * INPUTS + 1] + 0.5f * inputs[i * INPUTS + 2] + 1;
    }
    return new Examples(inputs, targets);
  }

  int count() {
    return targets.length;
  }

  /** The rows from one to before another. */
  Examples rows(int from, int to) {
    return new Examples(
        Arrays.copyOfRange(inputs, from * INPUTS, to * INPUTS),
        Arrays.copyOfRange(targets, from, to));
  }
}
