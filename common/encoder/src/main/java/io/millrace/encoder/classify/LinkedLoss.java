package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.RowLabels;
import io.millrace.tensor.loss.StepLoss;
import io.millrace.tensor.parameter.FlatTensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network compiled with a loss, so that logits, loss and gradients of a batch are one call: of a
 * small network, calls take longer than what they compute.
 */
final class LinkedLoss implements AutoCloseable {

  private final ClassifierNetwork network;
  private final Kernels kernels;
  private final MovingStatistics statistics;
  private final KernelValue learning;
  private @Nullable Gradients gradients;
  private @Nullable Setting last;
  private @Nullable Scaling scaling;

  /** What statistics make of features; it stays as long as they do. */
  private record Scaling(long version, KernelValue value) {}

  /**
   * Compiles them, once a process.
   *
   * @param statistics that the batches of a step move
   */
  LinkedLoss(
      TensorEngine engine, ClassifierNetwork network, MovingStatistics statistics, Loss loss) {
    List<KernelSource> further = new ArrayList<>(loss.kernels());
    further.add(KernelSource.of(LinkedLoss.class, "learning.py"));
    this.kernels = ClassifierNetwork.linked(engine, network.config(), further);
    this.network = network;
    this.statistics = statistics;
    this.learning = network.learning(kernels, statistics.moving());
  }

  /** Gradients in the form of the network; a training adds to the same in every step. */
  private record Gradients(FlatTensors tensors, KernelValue value) {}

  /** What kernels take for a loss; most steps have the same. */
  private record Setting(double temperature, double total, KernelValue value) {}

  /**
   * Adds the gradients of a batch of features that do not learn; those of the step's first batch
   * take the place of whatever is there.
   *
   * @param loss which is {@link StepLoss#isOfBatch of the batch}
   * @param batch its place in the step
   * @return the loss's share and how many rows were right, [2]
   */
  NDList addGradients(
      NDManager results,
      FlatTensors gradients,
      StepLoss loss,
      int batch,
      NDArray features,
      NDArray seeds) {
    return kernels.runRecording(
        results,
        "learn",
        sums(gradients),
        learning,
        scaling(),
        batch == 0,
        features,
        seeds,
        results.create(loss.labels(batch).classes()),
        weights(results, loss.labels(batch)),
        setting(loss),
        results.create(loss.seed()));
  }

  /**
   * The same of a batch whose features learn: adds in any case.
   *
   * @param values what features are computed from
   */
  NDList addAllGradients(
      NDManager results,
      FlatTensors gradients,
      StepLoss loss,
      int batch,
      NDArray values,
      long[] starts,
      NDArray seeds) {
    return kernels.runRecording(
        results,
        "learn_all",
        sums(gradients),
        learning,
        values,
        starts,
        seeds,
        results.create(loss.labels(batch).classes()),
        weights(results, loss.labels(batch)),
        setting(loss),
        results.create(loss.seed()));
  }

  /** As the network computes. */
  private static NDArray weights(NDManager results, RowLabels labels) {
    double[] given = labels.weights();
    float[] weights = new float[given.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) given[i];
    }
    return results.create(weights);
  }

  private KernelValue scaling() {
    Scaling found = scaling;
    if (found == null || found.version() != statistics.version()) {
      if (found != null) {
        found.value().close();
      }
      found = new Scaling(statistics.version(), kernels.keep("scaling", learning));
      scaling = found;
    }
    return found.value();
  }

  private KernelValue sums(FlatTensors tensors) {
    Gradients found = gradients;
    if (found == null || found.tensors() != tensors) {
      if (found != null) {
        found.value().close();
      }
      found = new Gradients(tensors, network.networkOf(kernels, tensors.tensors()));
      gradients = found;
    }
    return found.value();
  }

  private KernelValue setting(StepLoss loss) {
    Setting found = last;
    if (found == null
        || found.temperature() != loss.temperature()
        || found.total() != loss.total()) {
      if (found != null) {
        found.value().close();
      }
      KernelValue value =
          kernels.make(loss.loss().setting(loss.temperature(), loss.total()), new NDList());
      found = new Setting(loss.temperature(), loss.total(), value);
      last = found;
    }
    return found.value();
  }

  @Override
  public void close() {
    if (scaling != null) {
      scaling.value().close();
    }
    if (last != null) {
      last.value().close();
    }
    if (gradients != null) {
      gradients.value().close();
    }
    learning.close();
  }
}
