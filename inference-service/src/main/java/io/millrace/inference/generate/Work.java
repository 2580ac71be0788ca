package io.millrace.inference.generate;

import io.millrace.platform.error.MillraceException;

/** Something that is computed step by step, each step on one thread of a {@link ComputePool}. */
interface Work {

  /**
   * Makes the next step; never called again after it returned false.
   *
   * @return whether there is another one
   */
  boolean advance();

  /** Asks the work to end with its next step, for this reason. May come from any thread. */
  void abandon(MillraceException reason);
}
