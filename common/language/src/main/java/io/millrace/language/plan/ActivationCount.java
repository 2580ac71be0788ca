package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;

/**
 * Values of four bytes that the hand-written step (fused_step.py) keeps of a batch until its
 * backward pass, as its forward functions list them; indices have eight bytes and count twice. What
 * says where documents begin and how positions rotate, a few values a token, is not counted.
 *
 * @param tokens of the batch
 * @param context tokens of a document
 */
record ActivationCount(LanguageConfig config, long tokens, long context) {

  /** Longest document whose probabilities are kept; a fused kernel makes those of others again. */
  private static final long SHORT = 256;

  /** Queries that are attended together, with the keys that the last of them sees. */
  private static final long BLOCK = 64;

  /** Tokens whose logits are there at a time. */
  private static final long HEAD_ROWS = 256;

  private static final long INDEX = 2;

  /** A decoder layer. */
  long layer(boolean moe) {
    long sizes = moe ? INDEX * config.nRoutedExperts() : 0;
    return Math.addExact(ofTokens(attention() + (moe ? experts() : dense())), sizes);
  }

  /** The input alone of a layer that is computed again. */
  long input() {
    return ofTokens(config.hiddenSize());
  }

  /** What an MTP module keeps before its layer: two norms, and their results side by side. */
  long joined() {
    long hidden = config.hiddenSize();
    return ofTokens(2 * norm(hidden) + 2 * hidden);
  }

  /** The norm before the head. */
  long lastNorm() {
    return ofTokens(norm(config.hiddenSize()));
  }

  /** Logits and probabilities of a piece of the batch; gone before a layer is computed again. */
  long head() {
    return 2 * Math.min(HEAD_ROWS, tokens) * config.vocabSize();
  }

  private long ofTokens(long values) {
    return Math.multiplyExact(values, tokens);
  }

  private long attention() {
    long heads = config.numAttentionHeads();
    long key = config.qkNopeHeadDim() + config.qkRopeHeadDim();
    Integer rank = config.qLoraRank();
    long norms =
        norm(config.hiddenSize()) + norm(config.kvLoraRank()) + (rank == null ? 0 : norm(rank));
    // The fused kernel has values as wide as keys, and the logarithm of a sum of exponentials.
    long kept =
        context <= SHORT ? 2 * key + config.vHeadDim() + probabilities() : 2 * key + key + 1;
    return norms + heads * (config.vHeadDim() + kept);
  }

  /** Of one head and token: the mean over a document's, rounded up. */
  private long probabilities() {
    long sum = 0;
    for (long first = 0; first < context; first += BLOCK) {
      long seen = Math.min(first + BLOCK, context);
      sum += (seen - first) * seen;
    }
    return Math.ceilDiv(sum, context);
  }

  private long dense() {
    return norm(config.hiddenSize()) + gated(config.intermediateSize());
  }

  private long experts() {
    long width = config.moeIntermediateSize();
    // Of every choice: which expert, where its row is, from where it came, its gate; the row, and
    // the gated unit with and without the gate.
    long choice = 3 * INDEX + 1 + config.hiddenSize() + gated(width) + width;
    return norm(config.hiddenSize())
        + config.nRoutedExperts()
        + config.numExpertsPerTok() * choice
        + gated(width * config.nSharedExperts());
  }

  /** Normalised, the reciprocal of the length, and the result. */
  private static long norm(long width) {
    return 2 * width + 1;
  }

  /** Both halves of the gated unit, the activation, and the product. */
  private static long gated(long width) {
    return 4 * width;
  }
}
