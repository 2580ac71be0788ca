package io.millrace.language.interchange;

import io.millrace.tensor.number.ElementType;

/**
 * How a folder for Hugging Face is written.
 *
 * @param stored how weights are stored: F32, BF16 or F16; selection biases are F32 always
 * @param maxShardBytes a file with more bytes of tensors is split; a tensor never is
 * @param beginOfText whether tokenizer.json puts a token in front of every text: its own, or, where
 *     it has none, the one that ends documents
 */
public record ExportSettings(ElementType stored, long maxShardBytes, boolean beginOfText) {

  /** What transformers splits at: 5 GB. */
  public static final long USUAL_SHARD_BYTES = 5_000_000_000L;

  public ExportSettings {
    if (stored != ElementType.F32 && stored != ElementType.BF16 && stored != ElementType.F16) {
      throw new IllegalArgumentException("weights are stored as F32, BF16 or F16, not " + stored);
    }
    if (maxShardBytes < 1) {
      throw new IllegalArgumentException(
          "a shard must have room for at least 1 byte, not " + maxShardBytes);
    }
  }

  /** Float32, files of up to 5 GB, with BOS. */
  public static ExportSettings usual() {
    return new ExportSettings(ElementType.F32, USUAL_SHARD_BYTES, /* beginOfText= */ true);
  }

  /** What {@code torch_dtype} calls the type. */
  String torchType() {
    return switch (stored) {
      case F32 -> "float32";
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      case F64, F8_E4M3, I64, U64, I32, U32, I16, U16, I8, U8, BOOL ->
          throw new IllegalStateException("not a type of weights: " + stored);
    };
  }
}
