package io.millrace.benchmarks;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.plan.Plan;

/** Floating point operations of matrix products, as {@code ./millrace plan} counts them. */
final class Flops {

  private Flops() {}

  /** Of training on one token: forward and twice as much backward, MTP modules included. */
  static double trainingPerToken(LanguageConfig config, int documentLength) {
    return Plan.of(config, /* batchTokens= */ 1, documentLength).flops().training();
  }
}
