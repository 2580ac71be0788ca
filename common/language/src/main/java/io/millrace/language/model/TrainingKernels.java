package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The training step of a decoder with a choice of products: by hand, or by autograd in layers. */
final class TrainingKernels implements AutoCloseable {

  private final Products products;
  private final boolean fused;
  private final NDList biases;
  private final DecoderKernels kernels;
  private final @Nullable RoundedWeights rounded;
  private final KernelValue weights;
  private final KernelValue learnedWeights;

  TrainingKernels(
      TensorEngine engine,
      DecoderLayout layout,
      Products products,
      NDList biases,
      ParameterStore masters) {
    this.products = products;
    this.fused = layout.isCoveredByFusedStep();
    this.biases = biases;
    this.kernels = new DecoderKernels(engine, layout, products);
    this.rounded = products.takesRoundedWeights() ? new RoundedWeights(masters, Set.of()) : null;
    NDList learned = rounded == null ? masters.learnedTensors() : rounded.tensors();
    this.weights = kernels.weights(biases, learned);
    this.learnedWeights = kernels.learnedWeights(biases, learned);
  }

  /** How it computes. */
  Products products() {
    return products;
  }

  /** Takes in that the weights have moved. */
  void beginStep() {
    if (rounded != null) {
      rounded.refresh();
    }
  }

  /** As {@link Decoder#addGradients}. */
  NDList addGradients(
      NDManager results,
      NDList gradients,
      NDArray ids,
      long[] starts,
      long[] spans,
      NDArray mask,
      double[] normalisers,
      double[] lossWeights,
      int recomputeEvery) {
    try (KernelValue added = kernels.weights(biases, gradients)) {
      if (fused) {
        return kernels
            .kernels()
            .runForReading(
                results,
                "fused_step",
                weights,
                added,
                ids,
                starts,
                spans,
                mask,
                normalisers,
                lossWeights,
                recomputeEvery,
                kernels.shape());
      }
      return kernels
          .kernels()
          .runRecording(
              results,
              "recomputing_step",
              weights,
              learnedWeights,
              added,
              ids,
              starts,
              spans,
              mask,
              normalisers,
              lossWeights,
              recomputeEvery,
              kernels.shape());
    }
  }

  @Override
  public void close() {
    learnedWeights.close();
    weights.close();
    if (rounded != null) {
      rounded.close();
    }
    kernels.close();
  }
}
