package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterSpec;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * Puts weights together from the tensors that they are stored as, one at a time: a file may be as
 * large as the memory that is left.
 */
public final class StoredWeights {

  /** Where stored tensors come from. */
  @FunctionalInterface
  public interface Source {

    /** Loads one tensor. */
    NDArray load(NDManager scratch, StoredTensor part) throws IOException;
  }

  private StoredWeights() {}

  /**
   * Overwrites weights; what the source has should be checked before.
   *
   * @param parts the tensors that a weight is stored as, in order
   * @throws IOException if the source throws it; some weights are overwritten then
   */
  public static void read(
      TensorEngine engine,
      FlatTensors weights,
      Function<ParameterSpec, List<StoredTensor>> parts,
      Source source)
      throws IOException {
    read(engine, weights, weights.specs(), parts, source);
  }

  /** The same for some of the weights. */
  public static void read(
      TensorEngine engine,
      FlatTensors weights,
      List<ParameterSpec> some,
      Function<ParameterSpec, List<StoredTensor>> parts,
      Source source)
      throws IOException {
    for (ParameterSpec spec : some) {
      long at = 0;
      for (StoredTensor part : parts.apply(spec)) {
        try (NDManager scratch = engine.newManager()) {
          at = weights.copyFrom(spec.name(), at, source.load(scratch, part));
        }
      }
    }
  }
}
