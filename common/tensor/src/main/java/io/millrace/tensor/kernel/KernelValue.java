package io.millrace.tensor.kernel;

import ai.djl.pytorch.jni.IValue;

/**
 * A value that kernels of one {@link Kernels} made and take as an argument, a NamedTuple of weights
 * for example; Java does not look into it. It holds its tensors: what is written to them, it sees.
 *
 * <p>Safe for use by several threads; must not be closed while in use.
 */
public final class KernelValue implements AutoCloseable {

  private final IValue value;

  KernelValue(IValue value) {
    this.value = value;
  }

  IValue value() {
    return value;
  }

  @Override
  public void close() {
    value.close();
  }
}
