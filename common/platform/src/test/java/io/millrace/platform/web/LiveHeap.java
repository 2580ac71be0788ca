package io.millrace.platform.web;

import java.lang.ref.Reference;
import java.util.concurrent.Callable;

/** What an object takes of the heap, with all that it refers to. */
final class LiveHeap {
  private static final int MEASURES = 3;

  private LiveHeap() {}

  /**
   * In bytes: the least of several measures, as others in the process may take memory meanwhile.
   */
  static long of(Callable<?> made) throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < MEASURES; i++) {
      least = Math.min(least, measured(made));
    }
    return least;
  }

  /** In a frame of its own, which holds nothing of the measure before. */
  private static long measured(Callable<?> made) throws Exception {
    long before = live();
    Object object = made.call();
    long taken = live() - before;
    Reference.reachabilityFence(object);
    return taken;
  }

  private static long live() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
