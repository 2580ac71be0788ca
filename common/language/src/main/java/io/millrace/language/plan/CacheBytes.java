package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;

/**
 * Latent cache of generation: per token and layer the normed latent and the rotated shared key.
 *
 * @param values cached for a token, all layers together
 * @param bf16 bytes a token in bfloat16
 * @param f32 bytes a token in float32, which this decoder uses
 */
public record CacheBytes(long values, long bf16, long f32) {

  static CacheBytes of(LanguageConfig config) {
    long values = (long) config.numHiddenLayers() * config.cachedPerTokenAndLayer();
    return new CacheBytes(values, values * 2, values * Float.BYTES);
  }
}
