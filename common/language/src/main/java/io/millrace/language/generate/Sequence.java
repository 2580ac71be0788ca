package io.millrace.language.generate;

import java.util.Arrays;

/**
 * A text in tokens that is being continued: a prompt, what was generated so far, and how to go on.
 *
 * <p>Not for use by several threads at once.
 */
public final class Sequence {

  private final int promptLength;
  private final int maxTokens;
  private final SamplingSettings sampling;
  private final Constraint constraint;
  private int[] tokens;
  private int length;

  /**
   * @param prompt token ids
   * @param maxTokens how many tokens are generated at most
   * @param sampling how they are chosen
   * @param constraint which of them may come; of this sequence alone if it has a state
   */
  public Sequence(int[] prompt, int maxTokens, SamplingSettings sampling, Constraint constraint) {
    this.promptLength = prompt.length;
    this.maxTokens = maxTokens;
    this.sampling = sampling;
    this.constraint = constraint;
    this.tokens = prompt.clone();
    this.length = prompt.length;
  }

  /** Number of tokens, prompt included. */
  public int length() {
    return length;
  }

  /** Number of tokens of the prompt. */
  public int promptLength() {
    return promptLength;
  }

  /** Number of tokens that may still be generated. */
  public int remaining() {
    return maxTokens - (length - promptLength);
  }

  /** How many tokens are generated at most. */
  public int maxTokens() {
    return maxTokens;
  }

  /** How tokens are chosen. */
  public SamplingSettings sampling() {
    return sampling;
  }

  /** Which tokens may come. */
  public Constraint constraint() {
    return constraint;
  }

  /** The tokens from one place up to another, a copy. */
  public int[] tokens(int from, int to) {
    if (to > length) {
      throw new IndexOutOfBoundsException("there are %d tokens, not %d".formatted(length, to));
    }
    return Arrays.copyOfRange(tokens, from, to);
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length + 16);
    }
    tokens[length++] = token;
    constraint.accept(token);
  }
}
