package io.millrace.encoder.classify;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Rows of two numbers around a point a class, far enough from each other to be told apart. */
final class Blobs {

  static final List<String> CLASSES = List.of("left", "right", "above");
  static final RowInput INPUT = new RowInput(List.of("x", "y"));

  private static final double[][] CENTRES = {{-100, 5}, {100, 5}, {0, 5.02}};

  private Blobs() {}

  /** So many rows; classes take turns. */
  static ExampleBatch batch(long seed, int rows) {
    Random random = new Random(seed);
    float[] values = new float[2 * rows];
    for (int i = 0; i < rows; i++) {
      double[] centre = CENTRES[i % CENTRES.length];
      values[2 * i] = (float) (centre[0] + 10 * random.nextGaussian());
      values[2 * i + 1] = (float) (centre[1] + 0.002 * random.nextGaussian());
    }
    return batch(values, IntStream.range(0, rows).mapToLong(i -> i % CENTRES.length).toArray());
  }

  static ExampleBatch batch(float[] values, long... classes) {
    return new ExampleBatch(Inputs.Rows.of(values, 2), classes);
  }

  /** Some of a batch's rows. */
  static ExampleBatch part(ExampleBatch batch, int from, int to) {
    Inputs.Rows rows = (Inputs.Rows) batch.inputs();
    float[] values = new float[2 * (to - from)];
    rows.values()
        .duplicate()
        .order(rows.values().order())
        .asFloatBuffer()
        .position(2 * from)
        .get(values);
    return batch(values, java.util.Arrays.copyOfRange(batch.classes(), from, to));
  }

  static ClassifierConfig config(ClassifierHead head) {
    return ClassifierConfig.of(CLASSES, INPUT, head);
  }
}
