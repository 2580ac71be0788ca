package io.millrace.tensor.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.tensor.kernel.Kernels;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Compares gradients with central differences in float64: {@code (f(x + h) - f(x - h)) / 2h} with
 * {@code h = step * max(1, |x|)}.
 *
 * <p>The error of an entry is its distance from the difference, as a share of the largest gradient
 * of its tensor. Right gradients of smooth functions give about 1e-9; functions with kinks (ReLU,
 * top-k) need points away from them.
 *
 * @param step share of x to go aside
 * @param entries how many entries of each tensor are tried; all if it has no more
 * @param seed which entries are tried
 */
public record GradientCheck(double step, int entries, long seed) {

  /** Steps of 1e-5 and 40 entries of each tensor. */
  public static GradientCheck standard() {
    return new GradientCheck(1e-5, 40, 1);
  }

  /**
   * The largest error found, and where.
   *
   * @param error share of the largest gradient of the tensor
   * @param tensor position of the input
   * @param entry position in it, row-major
   * @param gradient what was claimed there
   * @param difference what central differences gave there
   */
  public record Result(double error, int tensor, long entry, double gradient, double difference) {

    /** Fails with the place of the largest error unless it is below {@code limit}. */
    public void requireBelow(double limit) {
      if (!(error < limit)) {
        throw new AssertionError(
            "gradient of input %d at entry %d is %s, finite differences give %s: error %s, allowed %s"
                .formatted(tensor, entry, gradient, difference, error, limit));
      }
    }
  }

  /**
   * Checks a pair of kernel functions: {@code value(inputs: List[Tensor], ...) -> Tensor} with one
   * number as result and {@code gradients(inputs: List[Tensor], ...)} whose first results are the
   * gradients of all inputs in order; further results are ignored.
   *
   * @param inputs float64
   * @param rest further arguments of both functions
   */
  public Result compare(
      Kernels kernels,
      NDManager manager,
      String value,
      String gradients,
      NDList inputs,
      Object... rest) {
    try (NDManager scratch = manager.newSubManager()) {
      NDList claimed = kernels.runRecording(scratch, gradients, withRest(inputs, rest));
      return compare(
          at -> {
            try (NDManager inner = manager.newSubManager()) {
              NDArray result = kernels.run(inner, value, withRest(at, rest)).get(0);
              return result.toType(DataType.FLOAT64, false).toDoubleArray()[0];
            }
          },
          inputs,
          claimed);
    }
  }

  /**
   * Checks gradients of any function.
   *
   * @param value the function
   * @param inputs float64, where the gradients were taken
   * @param gradients of each input, of its shape
   */
  public Result compare(ToDoubleFunction<NDList> value, NDList inputs, NDList gradients) {
    Result worst = new Result(0, 0, 0, 0, 0);
    for (int i = 0; i < inputs.size(); i++) {
      NDArray input = inputs.get(i);
      if (input.getDataType() != DataType.FLOAT64) {
        throw new IllegalArgumentException(
            "input %d is %s; differences need float64".formatted(i, input.getDataType()));
      }
      if (!gradients.get(i).getShape().equals(input.getShape())) {
        throw new AssertionError(
            "gradient of input %d has shape %s, expected %s"
                .formatted(i, gradients.get(i).getShape(), input.getShape()));
      }
      Result found = compareOne(value, inputs, i, gradients.get(i));
      if (!(found.error() <= worst.error())) {
        worst = found;
      }
    }
    return worst;
  }

  private Result compareOne(
      ToDoubleFunction<NDList> value, NDList inputs, int position, NDArray claimed) {
    double[] gradient = claimed.toType(DataType.FLOAT64, false).toDoubleArray();
    double[] point = inputs.get(position).toDoubleArray();
    int[] chosen = choose(point.length);
    double[] differences = new double[chosen.length];
    double largest = 1e-8;
    for (int i = 0; i < chosen.length; i++) {
      double aside = step * Math.max(1, Math.abs(point[chosen[i]]));
      double above = valueWith(value, inputs, position, point, chosen[i], aside);
      double below = valueWith(value, inputs, position, point, chosen[i], -aside);
      differences[i] = (above - below) / (2 * aside);
      largest = Math.max(largest, Math.abs(differences[i]));
    }
    for (double g : gradient) {
      largest = Math.max(largest, Math.abs(g));
    }
    Result worst = new Result(0, position, 0, 0, 0);
    for (int i = 0; i < chosen.length; i++) {
      double error = Math.abs(gradient[chosen[i]] - differences[i]) / largest;
      if (!(error <= worst.error())) {
        worst = new Result(error, position, chosen[i], gradient[chosen[i]], differences[i]);
      }
    }
    return worst;
  }

  private static double valueWith(
      ToDoubleFunction<NDList> value,
      NDList inputs,
      int position,
      double[] point,
      int entry,
      double aside) {
    double[] moved = point.clone();
    moved[entry] += aside;
    NDArray original = inputs.get(position);
    try (NDArray changed = original.getManager().create(moved, original.getShape())) {
      NDList all = new NDList(inputs);
      all.set(position, changed);
      return value.applyAsDouble(all);
    }
  }

  private int[] choose(int count) {
    if (count <= entries) {
      return IntStream.range(0, count).toArray();
    }
    return new Random(seed).ints(0, count).distinct().limit(entries).toArray();
  }

  private static Object[] withRest(NDList inputs, Object[] rest) {
    Object[] arguments = new Object[rest.length + 1];
    arguments[0] = inputs;
    System.arraycopy(rest, 0, arguments, 1, rest.length);
    return arguments;
  }
}
