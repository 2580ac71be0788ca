package io.millrace.language.config;

import tools.jackson.databind.JsonNode;

/**
 * The key {@code quantization_config}: only FP8 as DeepSeek releases it is read, E4M3 with a scale
 * for each block of 128 x 128.
 */
final class Quantization {

  private static final long BLOCK = 128;

  private Quantization() {}

  /**
   * Looks at it.
   *
   * @throws IllegalArgumentException if weights are quantised in another way
   */
  static void requireKnown(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return;
    }
    require(node, "quant_method", "fp8", /* optional= */ false);
    require(node, "fmt", "e4m3", /* optional= */ true);
    JsonNode block = node.path("weight_block_size");
    boolean known =
        block.isMissingNode()
            || block.size() == 2
                && block.path(0).asLong(0) == BLOCK
                && block.path(1).asLong(0) == BLOCK;
    if (!known) {
      throw new IllegalArgumentException(
          "quantization_config.weight_block_size is %s; only [128,128] is supported"
              .formatted(block));
    }
  }

  private static void require(JsonNode node, String key, String known, boolean optional) {
    JsonNode value = node.path(key);
    if (optional && (value.isMissingNode() || value.isNull())) {
      return;
    }
    if (!known.equals(value.asString(""))) {
      throw new IllegalArgumentException(
          "quantization_config.%s is %s; only \"%s\" is supported"
              .formatted(key, value.isMissingNode() ? "missing" : value, known));
    }
  }
}
