package io.millrace.inference.generate;

import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.compute.ComputePool.Place;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has the choices of a completion generated: in the place that the request has, one after the
 * other, and side by side in as many further places as there are threads, if they are free. So a
 * request of many prompts needs no more than one place, and does not take all.
 */
final class ChoiceQueue {
  private final Completion completion;
  private final ComputePool pool;
  private final CompletionMeters meters;
  private final long arrival = System.nanoTime();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger lanes = new AtomicInteger(1);

  ChoiceQueue(Completion completion, ComputePool pool, CompletionMeters meters) {
    this.completion = completion;
    this.pool = pool;
    this.meters = meters;
  }

  /** Starts; from now on the place is closed and the model let go when the last choice ends. */
  void start(Place place) {
    int most = Math.min(completion.choices(), pool.streams());
    for (int lane = 1; lane < most; lane++) {
      Optional<Place> more = pool.tryAdmit();
      if (more.isEmpty()) {
        break;
      }
      lanes.incrementAndGet();
      generateIn(more.get());
    }
    generateIn(place);
  }

  private void generateIn(Place place) {
    int index = next.getAndIncrement();
    if (index >= completion.choices() || completion.state() != Completion.State.WANTED) {
      place.close();
      if (lanes.decrementAndGet() == 0) {
        completion.release();
      }
      return;
    }
    Choice choice = new Choice(completion, index, place, meters, arrival, () -> generateIn(place));
    choice.begin();
    new LoopTurn(pool, completion.runtime().loop()).start(choice.sequence(), choice);
  }
}
