package io.millrace.language.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * YaRN (arXiv 2309.00071): how rotary frequencies are stretched to a longer context.
 *
 * @param type {@code yarn}, nothing else
 * @param factor how many times longer the context becomes
 * @param originalMaxPositionEmbeddings context before
 * @param betaFast rotations over the original context above which a frequency stays as it is
 * @param betaSlow rotations below which a frequency is divided by the factor
 * @param mscale weight of the logarithm in the length of the rotated parts; 0: not given
 * @param mscaleAllDim the same for the scale of the attention; 0: the scale stays
 */
public record RopeScaling(
    @JsonProperty("type") String type,
    @JsonProperty("factor") double factor,
    @JsonProperty("original_max_position_embeddings") int originalMaxPositionEmbeddings,
    @JsonProperty("beta_fast") double betaFast,
    @JsonProperty("beta_slow") double betaSlow,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonProperty("mscale") double mscale,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonProperty("mscale_all_dim")
        double mscaleAllDim) {

  public RopeScaling {
    require(type.equals("yarn"), "type is \"%s\"; only \"yarn\" is supported".formatted(type));
    for (double number : new double[] {factor, betaFast, betaSlow, mscale, mscaleAllDim}) {
      require(Double.isFinite(number), "a number is " + number + "; all must be finite");
    }
    require(factor >= 1, "factor must be at least 1, it is " + factor);
    require(originalMaxPositionEmbeddings > 0, "original_max_position_embeddings must be positive");
    require(
        betaSlow > 0 && betaFast >= betaSlow,
        "beta_fast (%s) must be at least beta_slow (%s), which must be positive"
            .formatted(betaFast, betaSlow));
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(
          "language model configuration: rope_scaling: " + otherwise);
    }
  }
}
