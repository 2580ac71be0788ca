package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/** What the layers of a decoder with random weights keep until their backward pass. */
public final class KeptTensors implements AutoCloseable {

  private final Decoder decoder;
  private final Kernels kernels;
  private final KernelValue weights;
  private final KernelValue shape;

  /** For a configuration that the hand-written step covers. */
  public KeptTensors(TensorEngine engine, LanguageConfig config) {
    this.decoder = Decoder.create(engine, config, 1);
    List<KernelSource> sources =
        new ArrayList<>(DecoderKernels.sources(Products.F32, config.hiddenAct()));
    sources.add(KernelSource.of(KeptTensors.class, "kept.py"));
    this.kernels = Kernels.shared(engine, sources);
    DecoderLayout layout = decoder.layout();
    this.weights =
        kernels.make(
            layout.weights(), layout.tensors(decoder.biases(), decoder.weights().learnedTensors()));
    this.shape = kernels.make(layout.shape(), new NDList());
  }

  /** The tensors that a layer keeps for hidden states [T, D]. */
  public NDList ofLayer(NDManager manager, NDArray x, int layer, long[] spans) {
    return kernels.run(manager, "kept", x, weights, layer, spans, shape);
  }

  @Override
  public void close() {
    shape.close();
    weights.close();
    decoder.close();
  }
}
