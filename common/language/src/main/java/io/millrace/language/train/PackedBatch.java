package io.millrace.language.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Packed sequences one behind the other, without padding.
 *
 * @param tokenIds int32 little endian, direct, from position 0 to its limit
 * @param documentStarts cu_seqlens: first token of every document, then the number of tokens;
 *     strictly increasing from 0
 * @param lossMask one byte a token, not 0 where the token is a training target; null: all are
 */
public record PackedBatch(ByteBuffer tokenIds, int[] documentStarts, byte @Nullable [] lossMask) {

  public PackedBatch {
    if (!tokenIds.isDirect() || tokenIds.remaining() % Integer.BYTES != 0) {
      throw new IllegalArgumentException("token ids must be whole int32 in a direct buffer");
    }
    int tokens = tokenIds.remaining() / Integer.BYTES;
    if (documentStarts.length < 2
        || documentStarts[0] != 0
        || documentStarts[documentStarts.length - 1] != tokens) {
      throw new IllegalArgumentException(
          "document starts must go from 0 to the %d tokens of the batch: %s"
              .formatted(tokens, Arrays.toString(documentStarts)));
    }
    for (int i = 1; i < documentStarts.length; i++) {
      if (documentStarts[i] <= documentStarts[i - 1]) {
        throw new IllegalArgumentException("document " + (i - 1) + " of the batch is empty");
      }
    }
    if (lossMask != null && lossMask.length != tokens) {
      throw new IllegalArgumentException(
          "the loss mask has %d entries for %d tokens".formatted(lossMask.length, tokens));
    }
  }

  /** A batch of which every token is a training target. */
  public PackedBatch(ByteBuffer tokenIds, int[] documentStarts) {
    this(tokenIds, documentStarts, null);
  }

  /** A batch of documents given as arrays, for tests and small jobs. */
  public static PackedBatch of(int[]... documents) {
    int[] starts = new int[documents.length + 1];
    for (int i = 0; i < documents.length; i++) {
      starts[i + 1] = starts[i] + documents[i].length;
    }
    ByteBuffer ids =
        ByteBuffer.allocateDirect(starts[documents.length] * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int[] document : documents) {
      for (int id : document) {
        ids.putInt(id);
      }
    }
    return new PackedBatch(ids.flip(), starts, null);
  }

  /** Number of tokens. */
  public int tokens() {
    return tokenIds.remaining() / Integer.BYTES;
  }

  /** Number of documents. */
  public int documents() {
    return documentStarts.length - 1;
  }

  /** Tokens that are predicted from the token {@code ahead} places before, in the same document. */
  public long targets(int ahead) {
    long targets = 0;
    for (int d = 0; d < documents(); d++) {
      for (int t = documentStarts[d] + ahead; t < documentStarts[d + 1]; t++) {
        if (lossMask == null || lossMask[t] != 0) {
          targets++;
        }
      }
    }
    return targets;
  }
}
