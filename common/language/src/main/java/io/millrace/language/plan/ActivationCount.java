package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;

/**
 * Values that the backward pass of one token reads, by layer; attention as in training, with keys
 * and values of every head, and without the matrix of scores, which a fused kernel makes again.
 *
 * @param inputs values that matrices are multiplied with
 * @param other all other values
 */
record ActivationCount(long inputs, long other) {

  static final ActivationCount NONE = new ActivationCount(0, 0);

  ActivationCount plus(ActivationCount more) {
    return new ActivationCount(inputs + more.inputs, other + more.other);
  }

  ActivationCount times(long factor) {
    return new ActivationCount(
        Math.multiplyExact(inputs, factor), Math.multiplyExact(other, factor));
  }

  /** What is kept of a layer that is computed again: its input. */
  static ActivationCount checkpoint(LanguageConfig config) {
    return new ActivationCount(0, config.hiddenSize());
  }

  /** A decoder layer. */
  static ActivationCount layer(LanguageConfig config, boolean moe) {
    return attention(config).plus(moe ? experts(config) : dense(config));
  }

  /** What an MTP module reads before its layer: two normed inputs, side by side. */
  static ActivationCount joined(LanguageConfig config) {
    long hidden = config.hiddenSize();
    return new ActivationCount(2 * hidden, 2 * hidden);
  }

  /** The last norm, the head and the softmax over the vocabulary. */
  static ActivationCount head(LanguageConfig config) {
    return new ActivationCount(config.hiddenSize(), config.hiddenSize() + config.vocabSize());
  }

  private static ActivationCount attention(LanguageConfig config) {
    long hidden = config.hiddenSize();
    long heads = config.numAttentionHeads();
    long key = config.qkNopeHeadDim() + config.qkRopeHeadDim();
    Integer rank = config.qLoraRank();
    long queryRank = rank == null ? 0 : rank;
    long inputs = hidden + queryRank + config.kvLoraRank() + heads * config.vHeadDim();
    long norms = hidden + queryRank + config.kvLoraRank();
    // Queries, keys, values, and the logarithm of each head's sum of exponentials.
    long fused = heads * (2 * key + config.vHeadDim() + 1);
    return new ActivationCount(inputs, norms + fused);
  }

  private static ActivationCount dense(LanguageConfig config) {
    return feedForward(config.hiddenSize(), config.intermediateSize())
        .plus(new ActivationCount(0, config.hiddenSize()));
  }

  private static ActivationCount experts(LanguageConfig config) {
    long hidden = config.hiddenSize();
    long chosen = config.numExpertsPerTok();
    long width = config.moeIntermediateSize();
    ActivationCount routed = feedForward(hidden, width).times(chosen);
    // The output of every chosen expert, for the gradient of its gate.
    ActivationCount gates =
        new ActivationCount(0, chosen * (hidden + 1) + config.nRoutedExperts() + hidden);
    return feedForward(hidden, width * config.nSharedExperts()).plus(routed).plus(gates);
  }

  /** Input, both halves of the gated unit, and their product. */
  private static ActivationCount feedForward(long hidden, long width) {
    return new ActivationCount(hidden + width, 2 * width);
  }
}
