package io.millrace.language.model;

import ai.djl.ndarray.NDList;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernels that a choice of products and activation makes, with a decoder's shape as they take
 * it.
 */
final class DecoderKernels implements AutoCloseable {

  private static final List<String> FILES =
      List.of(
          "weights.py",
          "batch.py",
          "attention.py",
          "experts.py",
          "heads.py",
          "body.py",
          "decoder.py",
          "vectors.py",
          "step/primitives.py",
          "step/fused_attention.py",
          "step/fused_experts.py",
          "step/fused_step.py",
          "step/recomputing_step.py",
          "decode/decode.py",
          "decode/pooled_decode.py",
          "decode/fused_decode.py");

  private final DecoderLayout layout;
  private final Kernels kernels;
  private final KernelValue shape;

  DecoderKernels(TensorEngine engine, DecoderLayout layout, Products products) {
    this.layout = layout;
    this.kernels =
        Kernels.shared(
            engine, sources(products, layout.config().hiddenAct()), products.allowsTf32());
    this.shape = kernels.make(layout.shape(), new NDList());
  }

  /** The files, for one choice of products and activation. */
  static List<KernelSource> sources(Products products, Activation activation) {
    List<KernelSource> sources = new ArrayList<>();
    for (String file : FILES) {
      sources.add(KernelSource.of(DecoderKernels.class, file));
    }
    sources.addAll(products.stepSources());
    sources.add(activation.kernel(DecoderBody.GATE));
    return sources;
  }

  Kernels kernels() {
    return kernels;
  }

  /** The numbers of the shape, the last argument of kernels. */
  KernelValue shape() {
    return shape;
  }

  /** Weights, averages of them or gradients, in the order of the layout. */
  KernelValue weights(NDList biases, NDList learned) {
    return kernels.make(layout.weights(), layout.tensors(biases, learned));
  }

  /** Weights by which autograd can take gradients. */
  KernelValue learnedWeights(NDList biases, NDList learned) {
    return kernels.makeLearned(layout.weights(), layout.tensors(biases, learned));
  }

  @Override
  public void close() {
    shape.close();
  }
}
