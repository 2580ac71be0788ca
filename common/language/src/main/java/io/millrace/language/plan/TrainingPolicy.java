package io.millrace.language.plan;

/**
 * In which formats a training keeps its values.
 *
 * <p>FP8 is the recipe of arXiv 2412.19437, section 3.3: products of matrices in E4M3 with one
 * float32 scale for 128 x 128 weights, embedding, head, router and norms higher, moments in
 * bfloat16. Gradients are added up in float32 everywhere.
 */
public enum TrainingPolicy {
  /** Everything in float32. */
  F32("f32", 0, 8, 4),
  /** Computes in bfloat16; the optimizer has float32 weights of its own. */
  BF16("bf16", 4, 8, 2),
  /** Multiplies in FP8, moments in bfloat16. */
  FP8("fp8", 4, 4, 2);

  /** Values for one scale of FP8 weights. */
  private static final int BLOCK = 128 * 128;

  /** Values for one scale of FP8 activations. */
  private static final int TILE = 128;

  private static final int SCALE_BYTES = 4;

  private final String key;
  private final int masterBytes;
  private final int momentBytes;
  private final int activationBytes;

  TrainingPolicy(String key, int masterBytes, int momentBytes, int activationBytes) {
    this.key = key;
    this.masterBytes = masterBytes;
    this.momentBytes = momentBytes;
    this.activationBytes = activationBytes;
  }

  /** Its name in JSON. */
  public String key() {
    return key;
  }

  /** Bytes of the float32 weights of the optimizer beside those that are computed with. */
  long masters(long values) {
    return values * masterBytes;
  }

  /** Bytes of the float32 gradients. */
  long gradients(long values) {
    return values * Float.BYTES;
  }

  /** Bytes of both moments of AdamW. */
  long moments(long values) {
    return values * momentBytes;
  }

  /**
   * Bytes of the weights that are computed with.
   *
   * @param quantised values of matrices whose products are in FP8 where the policy has it
   * @param other all other values
   */
  long weights(long quantised, long other) {
    return switch (this) {
      case F32 -> (quantised + other) * Float.BYTES;
      case BF16 -> (quantised + other) * 2;
      case FP8 -> quantised + Math.ceilDiv(quantised, BLOCK) * SCALE_BYTES + other * 2;
    };
  }

  /**
   * Bytes of what the backward pass reads.
   *
   * @param inputs values that matrices are multiplied with
   * @param other all other values
   */
  long activations(long inputs, long other) {
    return switch (this) {
      case F32, BF16 -> (inputs + other) * activationBytes;
      case FP8 -> inputs + Math.ceilDiv(inputs, TILE) * SCALE_BYTES + other * activationBytes;
    };
  }
}
