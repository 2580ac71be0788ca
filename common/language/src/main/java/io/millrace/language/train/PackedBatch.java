package io.millrace.language.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Packed sequences one behind the other, without padding.
 *
 * @param tokenIds int32 little endian, direct, from its position, which is 0 in the batch's own
 *     view of it, to its limit
 * @param documentStarts cu_seqlens: first token of every document, then the number of tokens;
 *     strictly increasing from 0
 * @param packStarts first token of every pack, then the number of tokens; each is the start of a
 *     document
 * @param lossMask one byte a token, not 0 where the token is a training target; null: all are
 */
public record PackedBatch(
    ByteBuffer tokenIds, int[] documentStarts, int[] packStarts, byte @Nullable [] lossMask) {

  public PackedBatch {
    if (!tokenIds.isDirect()
        || tokenIds.order() != ByteOrder.LITTLE_ENDIAN
        || tokenIds.remaining() % Integer.BYTES != 0) {
      throw new IllegalArgumentException(
          "token ids must be whole int32 in a direct buffer, little endian");
    }
    tokenIds = tokenIds.slice().order(ByteOrder.LITTLE_ENDIAN);
    int tokens = tokenIds.remaining() / Integer.BYTES;
    requireStarts("document", documentStarts, tokens);
    requireStarts("pack", packStarts, tokens);
    for (int start : packStarts) {
      if (Arrays.binarySearch(documentStarts, start) < 0) {
        throw new IllegalArgumentException(
            "a pack starts at token %d, where no document starts".formatted(start));
      }
    }
    if (lossMask != null && lossMask.length != tokens) {
      throw new IllegalArgumentException(
          "the loss mask has %d entries for %d tokens".formatted(lossMask.length, tokens));
    }
  }

  /** A batch of one pack, of which every token is a training target. */
  public PackedBatch(ByteBuffer tokenIds, int[] documentStarts) {
    this(tokenIds, documentStarts, null);
  }

  /** A batch of one pack. */
  public PackedBatch(ByteBuffer tokenIds, int[] documentStarts, byte @Nullable [] lossMask) {
    this(tokenIds, documentStarts, new int[] {0, tokenIds.remaining() / Integer.BYTES}, lossMask);
  }

  /** A batch of one pack of documents given as arrays, for tests and small jobs. */
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

  /**
   * The same tokens and documents in packs that start at these tokens, the last entry their end.
   */
  public PackedBatch inPacks(int... starts) {
    return new PackedBatch(tokenIds, documentStarts, starts, lossMask);
  }

  /** Starts of the stretches inside of which tokens see each other, then the number of tokens. */
  public int[] spans(DocumentPolicy policy) {
    return switch (policy) {
      case ISOLATED -> documentStarts;
      case CROSSING -> packStarts;
    };
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

  private static void requireStarts(String what, int[] starts, int tokens) {
    if (starts.length < 2 || starts[0] != 0 || starts[starts.length - 1] != tokens) {
      throw new IllegalArgumentException(
          "%s starts must go from 0 to the %d tokens of the batch: %s"
              .formatted(what, tokens, Arrays.toString(starts)));
    }
    for (int i = 1; i < starts.length; i++) {
      if (starts[i] <= starts[i - 1]) {
        throw new IllegalArgumentException("%s %d of the batch is empty".formatted(what, i - 1));
      }
    }
  }
}
