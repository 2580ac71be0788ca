package io.millrace.vision.train;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.Metric;
import io.millrace.tensor.train.BatchParts;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.LearningNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A network as it learns by one loss of its heat maps, or by its head's own losses: kernels, copies
 * of weights, and what batches are learned by.
 */
final class LearningPhase implements AutoCloseable {

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final Loss loss;
  private final LearningNetwork learning;
  private final BatchTasks tasks;

  /**
   * Of a network, which outlives this.
   *
   * @param branches that learn
   * @throws IllegalArgumentException if it cannot be learned by the loss
   */
  LearningPhase(
      TensorEngine engine,
      DetectorNetwork network,
      Precision precision,
      Loss loss,
      long[] branches) {
    this.engine = engine;
    this.network = network;
    this.loss = loss;
    this.learning =
        loss instanceof Loss.Focal
            ? new LearningNetwork(engine, network, precision.products())
            : new LearningNetwork(engine, network, precision.products(), loss);
    this.tasks =
        new BatchTasks(engine, network.config(), learning.kernels(), learning.value(), branches);
  }

  LearningNetwork network() {
    return learning;
  }

  Kernels kernels() {
    return learning.kernels();
  }

  BatchTasks tasks() {
    return tasks;
  }

  /**
   * What losses are divided by, counted over all batches of a step; before it, what a loss has to
   * know of all of them, for which they are looked at without gradients first.
   *
   * @param parts of all batches, and their tasks
   * @param temperature of the step
   */
  double[] counts(
      List<Augmented> parts, List<KernelValue> known, double temperature, BatchParts together) {
    double[] counts = tasks.counts(known);
    if (!(loss instanceof Loss.Surrogate(_, Metric metric))) {
      return counts;
    }
    List<Supplier<double[]>> running = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Augmented part = parts.get(i);
      KernelValue task = known.get(i);
      running.add(() -> measured(part, task, temperature));
    }
    double[] sums = together.run(running).stream().reduce(BatchTasks::sum).orElseThrow();
    // Statistics of batches have been moved by those that were looked at.
    learning.begin();
    double[] setting = {temperature, metric.classes().positiveClass(), alpha(metric), beta(metric)};
    return Stream.of(setting, sums, counts).flatMapToDouble(DoubleStream::of).toArray();
  }

  private static double alpha(Metric metric) {
    return metric instanceof Metric.Tversky tversky ? tversky.alpha() : 0.5;
  }

  private static double beta(Metric metric) {
    return metric instanceof Metric.Tversky tversky ? tversky.beta() : 0.5;
  }

  private double[] measured(Augmented part, KernelValue task, double temperature) {
    try (NDManager scratch = engine.newManager()) {
      return kernels()
          .run(
              scratch,
              "measured",
              learning.value(),
              network.pixels(scratch, part.batch().rgb()),
              part.affines(scratch),
              part.tones(scratch),
              task,
              temperature,
              tasks.branches())
          .singletonOrThrow()
          .toDoubleArray();
    }
  }

  @Override
  public void close() {
    learning.close();
  }
}
