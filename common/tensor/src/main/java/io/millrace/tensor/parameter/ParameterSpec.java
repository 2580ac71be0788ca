package io.millrace.tensor.parameter;

import ai.djl.ndarray.types.Shape;

/**
 * One parameter of a model before it exists.
 *
 * @param name name in the checkpoint, unique in its model
 * @param shape fixed sizes, none negative
 * @param init how its first values are drawn
 * @param group what the optimizer does with it
 */
public record ParameterSpec(String name, Shape shape, Initializer init, ParameterGroup group) {

  public ParameterSpec {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a parameter needs a name");
    }
    long count = 1;
    for (long size : shape.getShape()) {
      if (size < 0) {
        throw new IllegalArgumentException("parameter " + name + " has a negative size: " + shape);
      }
      count = Math.multiplyExact(count, size);
    }
  }

  /** Number of values. */
  public long count() {
    return shape.size();
  }
}
