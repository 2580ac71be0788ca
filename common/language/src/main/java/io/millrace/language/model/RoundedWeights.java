package io.millrace.language.model;

import ai.djl.ndarray.NDList;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.Set;

/**
 * The weights as kernels on bfloat16 tensors take them: bfloat16 copies, made once a step, and
 * those themselves that are exact. Routers are, which choose experts in float32.
 */
final class RoundedWeights implements AutoCloseable {

  private static final String ROUTER = ".mlp.gate.";

  private final ParameterStore masters;
  private final Set<String> exact;
  private final FlatTensors copies;

  /**
   * Copies of the weights as they are now.
   *
   * @param exact names of those that are taken as they are, beside the routers
   */
  RoundedWeights(ParameterStore masters, Set<String> exact) {
    this.masters = masters;
    this.exact = Set.copyOf(exact);
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
      boolean own = exact.contains(spec.name()) || spec.name().contains(ROUTER);
      tensors.add(own ? masters.get(spec.name()) : copies.get(spec.name()));
    }
    return tensors;
  }

  @Override
  public void close() {
    copies.close();
  }
}
