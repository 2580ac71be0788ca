package io.millrace.benchmarks;

import io.millrace.language.config.LanguageConfig;

/** Floating point operations of matrix products; everything else is not counted. */
final class Flops {

  private Flops() {}

  /** Of training on one token: forward and twice as much backward, MTP modules included. */
  static double trainingPerToken(LanguageConfig c, int documentLength) {
    double hidden = c.hiddenSize();
    double head = hidden * c.vocabSize();
    double dense = 3 * hidden * c.intermediateSize();
    double moe =
        3 * hidden * c.moeIntermediateSize() * (c.numExpertsPerTok() + c.nSharedExperts())
            + hidden * c.nRoutedExperts();
    double perLayer = attention(c, documentLength);
    int moeLayers = c.numHiddenLayers() - c.firstKDenseReplace();
    double main =
        c.numHiddenLayers() * perLayer + c.firstKDenseReplace() * dense + moeLayers * moe + head;
    double mtp = c.numNextnPredictLayers() * (2 * hidden * hidden + perLayer + moe + head);
    return 3 * 2 * (main + mtp);
  }

  /**
   * Multiply-adds of an attention block on one token; half of the document is visible on average.
   */
  private static double attention(LanguageConfig c, int documentLength) {
    double hidden = c.hiddenSize();
    int heads = c.numAttentionHeads();
    int key = c.qkNopeHeadDim() + c.qkRopeHeadDim();
    Integer rank = c.qLoraRank();
    double query =
        rank == null ? hidden * heads * key : hidden * rank + (double) rank * heads * key;
    double latent = hidden * (c.kvLoraRank() + c.qkRopeHeadDim());
    double up = (double) c.kvLoraRank() * heads * (c.qkNopeHeadDim() + c.vHeadDim());
    double scores = heads * (key + c.vHeadDim()) * documentLength / 2.0;
    return query + latent + up + scores + heads * c.vHeadDim() * hidden;
  }
}
