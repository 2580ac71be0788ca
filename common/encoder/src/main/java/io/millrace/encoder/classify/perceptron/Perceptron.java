package io.millrace.encoder.classify.perceptron;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.ArrayList;
import java.util.List;

/**
 * Rosenblatt's perceptron ("The Perceptron: a perceiving and recognizing automaton", 1957): a unit
 * fires where {@code w x + b} is above 0, and learns from each row that it decides wrongly, {@code
 * w += rate (t - y) x} and {@code b += rate (t - y)}, t being 1 for the second class and 0 for the
 * first. With several units, that of the label learns {@code rate x} then, and the one that won
 * unlearns it.
 *
 * <p>From weights of 0, data that some unit vector separates by a margin of at least {@code g} is
 * learned after at most {@code (R / g)^2} mistakes, R being the length of the longest row (Novikoff
 * 1962), with the bias as an input of 1; with several units after twice as many, g being the margin
 * of the units' weights as one vector. The rate changes nothing but the length of the weights then.
 *
 * <p>Not for use by several threads at once.
 */
public final class Perceptron implements AutoCloseable {

  /** Name of the weights, [units, inputs]. */
  public static final String WEIGHT = "weight";

  /** Name of the thresholds, negated: [units]. */
  public static final String BIAS = "bias";

  private final TensorEngine engine;
  private final PerceptronShape shape;
  private final ParameterStore weights;
  private final Kernels kernels;
  private final KernelValue units;

  /** A perceptron that knows nothing. */
  public Perceptron(TensorEngine engine, PerceptronShape shape) {
    this.engine = engine;
    this.shape = shape;
    this.kernels =
        Kernels.shared(
            engine,
            List.of(KernelSource.of(Perceptron.class, "perceptron.py"), Activation.STEP.kernel()));
    this.weights = ParameterStore.zeros(engine, specs(shape));
    this.units = units();
  }

  private static List<ParameterSpec> specs(PerceptronShape shape) {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(spec(WEIGHT, shape.units(), shape.inputs()));
    if (shape.bias()) {
      specs.add(spec(BIAS, shape.units()));
    }
    return specs;
  }

  private static ParameterSpec spec(String name, long... sizes) {
    return new ParameterSpec(
        name, new Shape(sizes), new Initializer.Zeros(), ParameterGroup.NO_DECAY);
  }

  private KernelValue units() {
    KernelTuple tuple = new KernelTuple("Units").tensor("weight_UD", 0);
    NDList tensors = new NDList(weights.get(WEIGHT));
    if (shape.bias()) {
      tuple.tensor("bias_U", 1);
      tensors.add(weights.get(BIAS));
    }
    return kernels.make(tuple, tensors);
  }

  /** What it decides on. */
  public PerceptronShape shape() {
    return shape;
  }

  /** Its weights, to be saved and loaded; they belong to the perceptron. */
  public ParameterStore weights() {
    return weights;
  }

  /**
   * Learns from rows, one after the other.
   *
   * @param rows [rows, inputs], float32
   * @param labels a class a row, from 0; negative: nothing is learned from the row
   * @param rate above 0
   * @return how many rows were decided wrongly, each before it was learned from
   * @throws IllegalArgumentException if rows or labels do not fit; nothing was learned then
   */
  public long learn(NDArray rows, long[] labels, double rate) {
    requireRows(rows);
    requireLabels(labels, rows.getShape().get(0));
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a rate of " + rate + " is not finite and above 0");
    }
    try (NDManager scratch = engine.newManager()) {
      return kernels
          .run(
              scratch,
              shape.units() == 1 ? "learn_threshold" : "learn_highest",
              units,
              rows,
              scratch.create(labels),
              rate)
          .singletonOrThrow()
          .getLong();
    }
  }

  /**
   * The class of each row.
   *
   * @param rows [rows, inputs], float32
   */
  public long[] decide(NDArray rows) {
    requireRows(rows);
    try (NDManager scratch = engine.newManager()) {
      return kernels.run(scratch, "decide", units, rows).singletonOrThrow().toLongArray();
    }
  }

  /**
   * The weights and biases of a linear classifier that decides alike, the first of the highest
   * winning: [classes, inputs] and [classes]. Of one unit, the first class has zeros.
   *
   * @param results owns them
   */
  public NDList asLinear(NDManager results) {
    return kernels.run(results, "as_linear", units);
  }

  /**
   * How far the line on which a unit begins to fire is from the origin, towards where it fires:
   * {@code -b / |w|}. Infinite or NaN before it has learned.
   */
  public double distanceOfLine(int unit) {
    NDArray weight = weights.get(WEIGHT);
    float[] all = weight.toFloatArray();
    double square = 0;
    for (int i = unit * shape.inputs(); i < (unit + 1) * shape.inputs(); i++) {
      square += (double) all[i] * all[i];
    }
    double bias = shape.bias() ? weights.get(BIAS).toFloatArray()[unit] : 0;
    return -bias / Math.sqrt(square);
  }

  private void requireRows(NDArray rows) {
    if (rows.getShape().dimension() != 2 || rows.getShape().get(1) != shape.inputs()) {
      throw new IllegalArgumentException(
          "rows of shape %s; they must be [rows, %d]".formatted(rows.getShape(), shape.inputs()));
    }
  }

  private void requireLabels(long[] labels, long rows) {
    if (labels.length != rows) {
      throw new IllegalArgumentException("%d labels for %d rows".formatted(labels.length, rows));
    }
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] >= shape.classes()) {
        throw new IllegalArgumentException(
            "the label of row %d is %d; classes are from 0 to %d"
                .formatted(row, labels[row], shape.classes() - 1));
      }
    }
  }

  @Override
  public void close() {
    units.close();
    weights.close();
  }
}
