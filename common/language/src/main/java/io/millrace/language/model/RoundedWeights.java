package io.millrace.language.model;

import ai.djl.ndarray.NDList;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;

/**
 * The weights as kernels on bfloat16 tensors take them: bfloat16 copies, made once a step, and the
 * routers themselves, which choose experts in float32.
 */
final class RoundedWeights implements AutoCloseable {

  private static final String ROUTER = ".mlp.gate.weight";

  private final ParameterStore masters;
  private final FlatTensors copies;

  /** Copies of the weights as they are now. */
  RoundedWeights(ParameterStore masters) {
    this.masters = masters;
    this.copies = masters.newLearnedZeros(ElementType.BF16);
    refresh();
  }

  /** Copies the weights again, which have moved. */
  void refresh() {
    masters.copyLearned(copies);
  }

  /** In the order of the learned weights; they belong to this and to the masters. */
  NDList tensors() {
    NDList tensors = new NDList();
    for (ParameterSpec spec : masters.learnedSpecs()) {
      boolean exact = spec.name().endsWith(ROUTER);
      tensors.add(exact ? masters.get(spec.name()) : copies.get(spec.name()));
    }
    return tensors;
  }

  @Override
  public void close() {
    copies.close();
  }
}
