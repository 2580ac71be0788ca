package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The gradients of a detector's total loss, in float64 and on pictures of noise. */
final class DetectorGradients implements AutoCloseable {

  private static final long[] ONE_BRANCH = {0};

  private final Kernels kernels;
  private final KernelTuple layout;
  private final NDManager manager;
  private final NDList weights = new NDList();
  private double[] setting = {};
  private final NDArray pixels;
  private final int pictures;
  private final int side;

  /**
   * Of a fresh network.
   *
   * @param kernels of the configuration, maybe with others
   * @param noise by which weights are moved, so that none is at a special place
   */
  DetectorGradients(
      TensorEngine engine, Kernels kernels, DetectorConfig config, int pictures, double noise) {
    this.kernels = kernels;
    this.layout = DetectorLayout.of(config).network();
    this.manager = engine.newManager();
    this.pictures = pictures;
    this.side = config.inputWidth();
    Random random = new Random(4);
    try (DetectorNetwork network = DetectorNetwork.create(engine, config, 3)) {
      for (NDArray weight : network.weights().tensors()) {
        double[] values = weight.toType(DataType.FLOAT64, true).toDoubleArray();
        Arrays.setAll(values, i -> values[i] + noise * random.nextGaussian());
        weights.add(manager.create(values, weight.getShape()));
      }
    }
    byte[] rgb = new byte[pictures * 3 * side * side];
    random.nextBytes(rgb);
    this.pixels =
        manager.create(ByteBuffer.wrap(rgb), new Shape(pictures, side, side, 3), DataType.UINT8);
  }

  /** What is asked of the network with some weights. */
  interface Loss {
    NDList of(
        NDManager scratch, KernelValue network, NDArray pixels, KernelValue task, double[] counts);
  }

  /** Rows of picture, class, centre x and y, width and height; with the root of the area. */
  NDArray rows(double[]... rows) {
    double[] flat = new double[7 * rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, 7 * i, 6);
      flat[7 * i + 6] = Math.sqrt(rows[i][4] * rows[i][5]);
    }
    return manager.create(flat, new Shape(rows.length, 7));
  }

  /**
   * Has a loss measured at all weights it is evaluated at.
   *
   * @param numbers as {@code overlap_heat.py} takes them, the temperature first
   */
  DetectorGradients measuring(double... numbers) {
    setting = numbers;
    return this;
  }

  /** What the losses are divided by. */
  double[] counts(NDArray objects, NDArray ignored) {
    try (KernelValue network = kernels.make(layout, weights);
        KernelValue task = task(network, objects, ignored)) {
      return counts(network, task);
    }
  }

  private double[] counts(KernelValue network, KernelValue task) {
    double[] counted =
        kernels.run(manager, "counts", network, task).singletonOrThrow().toDoubleArray();
    if (setting.length == 0) {
      return counted;
    }
    double[] measured =
        kernels
            .run(
                manager,
                "measured",
                network,
                pixels,
                affines(),
                tones(),
                task,
                setting[0],
                ONE_BRANCH)
            .singletonOrThrow()
            .toDoubleArray();
    return Stream.of(setting, measured, counted).flatMapToDouble(DoubleStream::of).toArray();
  }

  private KernelValue task(KernelValue network, NDArray objects, NDArray ignored) {
    return kernels.keep(
        "prepared",
        network,
        objects,
        ignored,
        new long[] {side, side},
        ONE_BRANCH,
        new long[pictures]);
  }

  /** What a function of the kernels gives for the network and the pictures. */
  NDList run(String function) {
    try (KernelValue network = kernels.make(layout, weights)) {
      return kernels.run(manager, function, network, pixels);
    }
  }

  /** Compares with the differences of the loss that is evaluated. */
  void check(GradientCheck check, double most, NDArray objects, NDArray ignored) {
    check(
        check,
        most,
        objects,
        ignored,
        (scratch, network, rgb, task, counts) ->
            kernels.run(
                scratch,
                "batch_losses",
                network,
                rgb,
                task,
                setting.length == 0 ? counts : counts(network, task),
                ONE_BRANCH));
  }

  /**
   * Compares with the differences of a loss.
   *
   * @param most the largest error, as a share of the largest gradient of a tensor
   * @param loss its first value is the total
   */
  void check(GradientCheck check, double most, NDArray objects, NDArray ignored, Loss loss) {
    try (KernelValue learned = kernels.makeLearned(layout, weights);
        KernelValue task = task(learned, objects, ignored)) {
      double[] counts = counts(learned, task);
      NDList gradients = new NDList();
      weights.forEach(weight -> gradients.add(weight.zerosLike()));
      double total = addGradients(gradients, learned, task, counts);
      double compared = value(loss, weights, task, counts);
      if (Math.abs(total - compared) > 1e-9 * Math.max(1, Math.abs(total))) {
        throw new AssertionError("the loss is %s, not %s".formatted(total, compared));
      }
      check.compare(at -> value(loss, at, task, counts), weights, gradients).requireBelow(most);
    }
  }

  /** The total loss. */
  private double addGradients(
      NDList gradients, KernelValue learned, KernelValue task, double[] counts) {
    return kernels
        .runRecording(
            manager,
            "add_gradients",
            gradients,
            learned,
            pixels,
            affines(),
            tones(),
            task,
            counts,
            ONE_BRANCH)
        .singletonOrThrow()
        .toDoubleArray()[0];
  }

  /** Those that change nothing. */
  private NDArray affines() {
    double[] same = new double[6 * pictures];
    for (int i = 0; i < pictures; i++) {
      same[6 * i] = 1;
      same[6 * i + 4] = 1;
    }
    return manager.create(same, new Shape(pictures, 2, 3));
  }

  private NDArray tones() {
    double[] tones = new double[2 * pictures];
    for (int i = 0; i < pictures; i++) {
      tones[2 * i] = 1;
    }
    return manager.create(tones, new Shape(pictures, 2));
  }

  private double value(Loss loss, NDList at, KernelValue task, double[] counts) {
    try (KernelValue network = kernels.make(layout, at);
        NDManager scratch = manager.newSubManager()) {
      return loss.of(scratch, network, pixels, task, counts).singletonOrThrow().toDoubleArray()[0];
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
