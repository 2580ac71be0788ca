package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;

/**
 * Values that the backward pass of one token reads, by layer; attention as in training, with keys
 * and values of every head, and without the matrix of scores, which a fused kernel makes again.
 */
final class ActivationCount {

  private ActivationCount() {}

  /** A decoder layer. */
  static long layer(LanguageConfig config, boolean moe) {
    return attention(config) + (moe ? experts(config) : dense(config));
  }

  /**
   * What an MTP module reads before its layer: two normed inputs, side by side, and both before.
   */
  static long joined(LanguageConfig config) {
    return 4L * config.hiddenSize();
  }

  /** The last norm, the head and the softmax over the vocabulary. */
  static long head(LanguageConfig config) {
    return 2L * config.hiddenSize() + config.vocabSize();
  }

  private static long attention(LanguageConfig config) {
    long hidden = config.hiddenSize();
    long heads = config.numAttentionHeads();
    long key = config.qkNopeHeadDim() + config.qkRopeHeadDim();
    Integer rank = config.qLoraRank();
    long queryRank = rank == null ? 0 : rank;
    long inputs = hidden + queryRank + config.kvLoraRank() + heads * config.vHeadDim();
    long norms = hidden + queryRank + config.kvLoraRank();
    // Queries, keys, values, and the logarithm of each head's sum of exponentials.
    long fused = heads * (2 * key + config.vHeadDim() + 1);
    return inputs + norms + fused;
  }

  private static long dense(LanguageConfig config) {
    return feedForward(config.hiddenSize(), config.intermediateSize()) + config.hiddenSize();
  }

  private static long experts(LanguageConfig config) {
    long hidden = config.hiddenSize();
    long chosen = config.numExpertsPerTok();
    long width = config.moeIntermediateSize();
    // The output of every chosen expert, for the gradient of its gate.
    long gates = chosen * (hidden + 1) + config.nRoutedExperts() + hidden;
    return feedForward(hidden, width * config.nSharedExperts())
        + chosen * feedForward(hidden, width)
        + gates;
  }

  /** Input, both halves of the gated unit, and their product. */
  private static long feedForward(long hidden, long width) {
    return hidden + 3 * width;
  }
}
