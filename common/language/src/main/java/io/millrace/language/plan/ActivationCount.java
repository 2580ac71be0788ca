package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;

/**
 * Values that the backward pass of one token reads, by layer; attention as in training, with keys
 * and values of every head. Probabilities of short documents are kept, those of others are made
 * again by a fused kernel (fused_step.py).
 */
final class ActivationCount {

  /** Longest document whose probabilities are kept. */
  private static final long SHORT = 256;

  /** Queries that are attended together, with the keys that the last of them sees. */
  private static final long BLOCK = 64;

  private ActivationCount() {}

  /**
   * A decoder layer.
   *
   * @param context tokens of a document
   */
  static long layer(LanguageConfig config, boolean moe, long context) {
    return attention(config, context) + (moe ? experts(config) : dense(config));
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

  private static long attention(LanguageConfig config, long context) {
    long hidden = config.hiddenSize();
    long heads = config.numAttentionHeads();
    long key = config.qkNopeHeadDim() + config.qkRopeHeadDim();
    Integer rank = config.qLoraRank();
    long queryRank = rank == null ? 0 : rank;
    long inputs = hidden + queryRank + config.kvLoraRank() + heads * config.vHeadDim();
    long norms = hidden + queryRank + config.kvLoraRank();
    // Beside queries, keys and values: probabilities, or the logarithm of the sum of exponentials.
    long scores = context <= SHORT ? probabilities(context) : 1;
    return inputs + norms + heads * (2 * key + config.vHeadDim() + scores);
  }

  /** Of one head and token: the mean over a document's, rounded up. */
  private static long probabilities(long context) {
    long sum = 0;
    for (long first = 0; first < context; first += BLOCK) {
      long seen = Math.min(first + BLOCK, context);
      sum += (seen - first) * seen;
    }
    return Math.ceilDiv(sum, context);
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
