package io.millrace.language.model;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.config.RopeScaling;

/**
 * Rotary position embedding of a configuration, with YaRN if it has it (arXiv 2309.00071, section
 * 3).
 *
 * @param frequencies angle a position of every pair, R/2
 * @param modulus length that rotated parts are multiplied by
 * @param attentionScale factor of the attention's logits
 */
@SuppressWarnings("ArrayRecordComponent") // Read once by the kernels' constants, never compared.
record RotaryEmbedding(double[] frequencies, double modulus, double attentionScale) {

  static RotaryEmbedding of(LanguageConfig config) {
    int width = config.qkRopeHeadDim();
    double scale = 1 / Math.sqrt(config.qkNopeHeadDim() + width);
    double[] frequencies = new double[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(config.ropeTheta(), -2.0 * i / width);
    }
    RopeScaling yarn = config.ropeScaling();
    if (yarn == null) {
      return new RotaryEmbedding(frequencies, 1, scale);
    }
    stretch(frequencies, yarn, config);
    double all = yarn.mscaleAllDim();
    double m = all == 0 ? 1 : magnitude(yarn.factor(), all);
    double modulus =
        yarn.mscale() == 0 || all == 0
            ? magnitude(yarn.factor(), 1)
            : magnitude(yarn.factor(), yarn.mscale()) / m;
    return new RotaryEmbedding(frequencies, modulus, scale * m * m);
  }

  /** Frequencies that turn seldom are divided by the factor, those that turn often are kept. */
  private static void stretch(double[] frequencies, RopeScaling yarn, LanguageConfig config) {
    double first = Math.max(0, Math.floor(dimension(yarn.betaFast(), yarn, config)));
    double last =
        Math.min(config.qkRopeHeadDim() - 1, Math.ceil(dimension(yarn.betaSlow(), yarn, config)));
    double span = last == first ? 0.001 : last - first;
    for (int i = 0; i < frequencies.length; i++) {
      double stretched = Math.clamp((i - first) / span, 0.0, 1.0);
      frequencies[i] *= stretched / yarn.factor() + (1 - stretched);
    }
  }

  /** The pair, as a fraction, that turns so often over the original context. */
  private static double dimension(double turns, RopeScaling yarn, LanguageConfig config) {
    return config.qkRopeHeadDim()
        * Math.log(yarn.originalMaxPositionEmbeddings() / (turns * 2 * Math.PI))
        / (2 * Math.log(config.ropeTheta()));
  }

  private static double magnitude(double factor, double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }
}
