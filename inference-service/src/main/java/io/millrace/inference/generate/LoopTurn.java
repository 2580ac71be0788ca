package io.millrace.inference.generate;

import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.compute.Work;
import io.millrace.language.generate.DecodeLoop;
import io.millrace.language.generate.Sequence;

/**
 * A turn of a model's loop in the pool. Turns belong to no sequence: each continues those that have
 * waited longest.
 *
 * @param pool in which it is made
 * @param loop of the model
 */
record LoopTurn(ComputePool pool, DecodeLoop loop) implements Work {

  /** Has a sequence continued, with a turn more if the loop can use one. */
  void start(Sequence sequence, DecodeLoop.Listener listener) {
    if (loop.start(sequence, listener)) {
      pool.schedule(this);
    }
  }

  @Override
  public boolean advance() {
    try {
      return loop.step();
    } finally {
      while (loop.takeTurn()) {
        pool.schedule(this);
      }
    }
  }
}
