package io.millrace.language.generate;

/**
 * How the next token is chosen.
 *
 * @param temperature divides the logits; 0: always the likeliest token
 * @param topP smallest set of likeliest tokens whose probabilities reach it; 1: all
 * @param topK that many of the likeliest tokens; 0: all
 * @param seed of the choice; the same seed and prompt give the same tokens, but where sequences go
 *     on together and a choice hangs on the last bits of logits, see {@link DecodeLoop}
 */
public record SamplingSettings(double temperature, double topP, int topK, long seed) {

  public SamplingSettings {
    if (!(temperature >= 0) || temperature > 100) {
      throw new IllegalArgumentException("temperature must be 0 to 100, it is " + temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top_p must be above 0 and at most 1, it is " + topP);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top_k must not be negative, it is " + topK);
    }
  }

  /** Always the likeliest token. */
  public static SamplingSettings greedy() {
    return new SamplingSettings(0, 1, 0, 0);
  }
}
