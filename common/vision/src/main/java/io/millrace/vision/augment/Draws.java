package io.millrace.vision.augment;

import io.millrace.tensor.random.SeededRandom;

/**
 * Where chance comes from: the same for the same seed, step and place, so that a run that resumes
 * sees what it would have seen.
 *
 * @param seed of the run
 * @param step of the run
 * @param first place of the batch's first picture among all of the step's
 */
public record Draws(long seed, long step, int first) {

  /**
   * Numbers of one picture for one purpose.
   *
   * @param purpose keeps the numbers of different changes apart
   */
  SeededRandom of(int picture, String purpose) {
    return SeededRandom.of(seed, step, first + picture, purpose.hashCode());
  }
}
