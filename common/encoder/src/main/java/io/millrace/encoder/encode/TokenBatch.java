package io.millrace.encoder.encode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.train.PackedBatch;
import java.util.Arrays;

/**
 * Texts as tokens, one document behind the other.
 *
 * @param packed the tokens with their documents; its loss mask means nothing here
 */
public record TokenBatch(PackedBatch packed) implements EncoderBatch {

  /** Documents given as arrays of token ids. */
  public static TokenBatch of(int[]... documents) {
    return new TokenBatch(PackedBatch.of(documents));
  }

  @Override
  public int size() {
    return packed.documents();
  }

  @Override
  public NDArray values(NDManager manager) {
    return manager.create(
        packed.tokenIds().duplicate().order(packed.tokenIds().order()),
        new Shape(packed.tokens()),
        DataType.INT32);
  }

  @Override
  public long[] starts() {
    return Arrays.stream(packed.documentStarts()).asLongStream().toArray();
  }

  @Override
  public String kind() {
    return "texts";
  }
}
