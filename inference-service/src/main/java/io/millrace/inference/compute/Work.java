package io.millrace.inference.compute;

/** Something that is computed step by step, each step on one thread of a {@link ComputePool}. */
@FunctionalInterface
public interface Work {

  /**
   * Makes a step. What goes wrong in it is told to whoever waits for it, and not thrown.
   *
   * @return whether the turn is to come again
   */
  boolean advance();
}
