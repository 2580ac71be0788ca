package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.detector.head.AnchorHead;
import io.millrace.vision.detector.head.FcosHead;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.HeadInput;
import io.millrace.vision.detector.head.YoloV1Head;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The head of a detector on maps of zeros, in float64; its weights are 0 but for some. */
final class HeadAlone implements AutoCloseable {

  private final DetectorConfig config;
  private final Kernels kernels;
  private final NDManager manager;
  private final KernelValue head;
  private final NDList levels = new NDList();
  private final KernelValue run;

  /**
   * Of a configuration.
   *
   * @param weights by name, as many values as they have
   */
  HeadAlone(TensorEngine engine, DetectorConfig config, Map<String, double[]> weights) {
    this.config = config;
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(config));
    sources.add(KernelSource.of(HeadAlone.class, check(config.head())));
    this.kernels = Kernels.shared(engine, sources);
    this.manager = engine.newManager();
    NetworkWeights places = new NetworkWeights(config.layers());
    List<Level> maps = config.neck().levels(config.maps());
    HeadInput input =
        new HeadInput(maps, config.classes().size(), config.inputWidth(), config.inputHeight());
    KernelTuple tuple = config.head().tuple(places, input);
    NDList tensors = new NDList();
    for (ParameterSpec spec : places.specs()) {
      double[] zeros = new double[(int) spec.shape().size()];
      tensors.add(manager.create(weights.getOrDefault(spec.name(), zeros), spec.shape()));
    }
    this.head = kernels.make(tuple, tensors);
    this.run =
        kernels.make(
            new KernelTuple("Run").flag("learning", false).numbers("branches", List.of(0)),
            new NDList());
    for (Level level : maps) {
      levels.add(
          manager.zeros(
              new Shape(
                  1,
                  level.channels(),
                  Math.ceilDiv(config.inputHeight(), level.stride()),
                  Math.ceilDiv(config.inputWidth(), level.stride())),
              DataType.FLOAT64));
    }
  }

  /** The file that lays out what a head prepared, and calls it with that. */
  private static String check(Head head) {
    return switch (head) {
      case FcosHead _ -> "fcos_check.py";
      case AnchorHead _ -> "anchor_check.py";
      case YoloV1Head _ -> "yolo_v1_check.py";
      default -> throw new IllegalArgumentException("no check of " + head);
    };
  }

  /** A tensor of float64. */
  NDArray tensor(long[] shape, double... values) {
    return manager.create(values, new Shape(shape));
  }

  /** Any function of the kernels. */
  NDList run(String function, Object... arguments) {
    return kernels.run(manager, function, arguments);
  }

  /** What is learned; rows are picture, class, centre x and y, width and height. */
  NDList targets(int pictures, double[][] objects, double[][] ignored) {
    try (KernelValue truth = truth(pictures, objects, ignored)) {
      return run("targets_of", head, truth);
    }
  }

  /** The losses of one picture; the total first. */
  double[] losses(double[] counts, double[][] objects, double[][] ignored) {
    try (KernelValue truth = truth(1, objects, ignored)) {
      return run("losses_of", levels, head, truth, counts, run).stream()
          .mapToDouble(NDArray::getDouble)
          .toArray();
    }
  }

  /** What losses are divided by. */
  double[] counts(int pictures, double[][] objects, double[][] ignored) {
    try (KernelValue truth = truth(pictures, objects, ignored)) {
      return run("count_of", head, truth).singletonOrThrow().toDoubleArray();
    }
  }

  /** Rows of left, top, width, height, score and class. */
  double[][] candidates(int top) {
    double[] flat = run("candidates", levels, head, top, run).singletonOrThrow().toDoubleArray();
    double[][] rows = new double[flat.length / 6][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, 6 * i, 6 * i + 6));
    return rows;
  }

  private KernelValue truth(int pictures, double[][] objects, double[][] ignored) {
    NDList tensors =
        new NDList(
            rows(objects), rows(ignored), manager.zeros(new Shape(pictures), DataType.INT64));
    return kernels.make(
        new KernelTuple("Truth")
            .tensor("objects_K7", 0)
            .tensor("ignored_B7", 1)
            .number("pictures", pictures)
            .number("height", config.inputHeight())
            .number("width", config.inputWidth())
            .tensor("seeds_N", 2),
        tensors);
  }

  private NDArray rows(double[][] rows) {
    double[] flat = new double[7 * rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, 7 * i, 6);
      flat[7 * i + 6] = Math.sqrt(rows[i][4] * rows[i][5]);
    }
    return manager.create(flat, new Shape(rows.length, 7));
  }

  @Override
  public void close() {
    run.close();
    head.close();
    manager.close();
  }
}
