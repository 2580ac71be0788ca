package io.millrace.language.train;

/**
 * Which layers forget what their backward pass needs and are computed again for it (activation
 * checkpointing, Chen et al. 2016, arXiv 1604.06174): less memory for about a third more time if
 * all do. Losses, gradients and loads are those without it.
 *
 * @param every layer 0 and every so many after it keep their input alone, the MTP modules' layers
 *     counted on; 0: none does
 */
public record Recomputation(int every) {

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if {@code every} is negative
   */
  public Recomputation {
    if (every < 0) {
      throw new IllegalArgumentException("cannot compute every " + every + "th layer again");
    }
  }

  /** Every layer keeps all. */
  public static Recomputation none() {
    return new Recomputation(0);
  }
}
