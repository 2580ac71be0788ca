package io.millrace.language.generate;

/**
 * Guesses how a sequence goes on, so that several tokens can come in one step. A wrong guess costs
 * time; no guess changes which tokens are generated.
 */
@FunctionalInterface
public interface Drafting {

  /** Tokens that may come next, in order; none if there is no guess. */
  int[] draft(Sequence sequence);

  /** Never guesses: a token a step. */
  static Drafting none() {
    return sequence -> new int[0];
  }
}
