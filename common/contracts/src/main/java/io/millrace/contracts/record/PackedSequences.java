package io.millrace.contracts.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.contracts.data.v1.PackedSequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Writes and reads {@link PackedSequence} records.
 *
 * <p>Token ids are int32 little endian; document starts are cumulative lengths ({@code
 * cu_seqlens}): 0, the first token of every further document, then the number of tokens.
 */
public final class PackedSequences {

  private PackedSequences() {}

  /**
   * A record with its checksum; every token is a training target.
   *
   * @param tokenIds [tokens], none negative
   * @param documentStarts [documents + 1], strictly increasing from 0 to the number of tokens
   * @throws IllegalArgumentException if the starts do not fit the tokens
   */
  public static PackedSequence of(
      String dataset, long sequenceNumber, int[] tokenIds, int[] documentStarts) {
    return of(dataset, sequenceNumber, tokenIds, documentStarts, new BitSet());
  }

  /**
   * A record with its checksum, some of whose tokens are given rather than learned.
   *
   * @param tokenIds [tokens], none negative
   * @param documentStarts [documents + 1], strictly increasing from 0 to the number of tokens
   * @param given tokens that are no training targets; none: the record has no mask
   * @throws IllegalArgumentException if the starts or the given tokens do not fit the tokens
   */
  public static PackedSequence of(
      String dataset, long sequenceNumber, int[] tokenIds, int[] documentStarts, BitSet given) {
    String fault = faultOfStarts(documentStarts, tokenIds.length);
    if (fault.isEmpty() && given.length() > tokenIds.length) {
      fault = "token %d is given, there are %d".formatted(given.length() - 1, tokenIds.length);
    }
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
    ByteString mask = given.isEmpty() ? ByteString.EMPTY : mask(given, tokenIds.length);
    ByteBuffer bytes = ByteBuffer.allocate(tokenIds.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(tokenIds);
    ByteString ids = UnsafeByteOperations.unsafeWrap(bytes.array());
    PackedSequence.Builder builder =
        PackedSequence.newBuilder()
            .setDataset(dataset)
            .setSequenceNumber(sequenceNumber)
            .setTokenIds(ids)
            .setLossMask(mask)
            .setCrc32C(Checksums.crc32c(ids, mask));
    for (int start : documentStarts) {
      builder.addDocumentStarts(start);
    }
    return builder.build();
  }

  /**
   * The record with the classes of its documents.
   *
   * @param labels [documents], indices of classes
   * @throws IllegalArgumentException if there is not one for each document
   */
  public static PackedSequence labelled(PackedSequence sequence, int[] labels) {
    PackedSequence.Builder builder = sequence.toBuilder().clearLabels();
    for (int label : labels) {
      builder.addLabels(label);
    }
    PackedSequence labelled = builder.build();
    String fault = faultOfLabels(labelled);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
    return labelled;
  }

  /**
   * The record with the ids of its documents.
   *
   * @param ids [documents]
   * @throws IllegalArgumentException if there is not one for each document
   */
  public static PackedSequence named(PackedSequence sequence, List<String> ids) {
    PackedSequence named = sequence.toBuilder().clearDocumentIds().addAllDocumentIds(ids).build();
    String fault = faultOfIds(named);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
    return named;
  }

  /** One bit a token, set where it is learned. */
  private static ByteString mask(BitSet given, int tokens) {
    BitSet learned = new BitSet(tokens);
    learned.set(0, tokens);
    learned.andNot(given);
    return ByteString.copyFrom(Arrays.copyOf(learned.toByteArray(), (tokens + 7) / 8));
  }

  /**
   * Parses a record and checks its checksum, sizes and document starts.
   *
   * @throws CorruptRecordException if anything is wrong with it
   */
  public static PackedSequence parse(byte[] record) {
    PackedSequence sequence;
    try {
      sequence = PackedSequence.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptRecordException("not a packed sequence: " + e.getMessage(), e);
    }
    check(sequence);
    return sequence;
  }

  /** The number of tokens. */
  public static int tokens(PackedSequence sequence) {
    return sequence.getTokenIds().size() / 4;
  }

  /** The token ids, [tokens]. */
  public static int[] tokenIds(PackedSequence sequence) {
    int[] ids = new int[tokens(sequence)];
    sequence
        .getTokenIds()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(ids);
    return ids;
  }

  /** The document starts, [documents + 1]. */
  public static int[] documentStarts(PackedSequence sequence) {
    int[] starts = new int[sequence.getDocumentStartsCount()];
    Arrays.setAll(starts, sequence::getDocumentStarts);
    return starts;
  }

  /** The classes of the documents, [documents]; empty if the dataset has none. */
  public static int[] labels(PackedSequence sequence) {
    int[] labels = new int[sequence.getLabelsCount()];
    Arrays.setAll(labels, sequence::getLabels);
    return labels;
  }

  /** Copies the token ids as they are stored (int32 little endian) to the target's position. */
  public static void copyTokenIds(PackedSequence sequence, ByteBuffer target) {
    sequence.getTokenIds().copyTo(target);
  }

  /**
   * Whether a token is a training target by the record's mask; a record without a mask says yes to
   * all.
   */
  public static boolean isTarget(PackedSequence sequence, int token) {
    ByteString mask = sequence.getLossMask();
    return mask.isEmpty() || (mask.byteAt(token >> 3) >> (token & 7) & 1) == 1;
  }

  private static void check(PackedSequence sequence) {
    String fault = faultOf(sequence);
    if (!fault.isEmpty()) {
      throw new CorruptRecordException(
          "packed sequence %d of dataset %s: %s"
              .formatted(sequence.getSequenceNumber(), sequence.getDataset(), fault));
    }
  }

  private static String faultOf(PackedSequence sequence) {
    ByteString ids = sequence.getTokenIds();
    if (ids.isEmpty() || ids.size() % 4 != 0) {
      return "%d bytes of token ids are not a positive multiple of 4".formatted(ids.size());
    }
    int crc = Checksums.crc32c(ids, sequence.getLossMask());
    if (crc != sequence.getCrc32C()) {
      return "checksum is %08x, recorded %08x".formatted(crc, sequence.getCrc32C());
    }
    int tokens = tokens(sequence);
    int mask = sequence.getLossMask().size();
    if (mask != 0 && mask != (tokens + 7) / 8) {
      return "a loss mask of %d bytes for %d tokens".formatted(mask, tokens);
    }
    String fault = faultOfStarts(documentStarts(sequence), tokens);
    fault = fault.isEmpty() ? faultOfLabels(sequence) : fault;
    return fault.isEmpty() ? faultOfIds(sequence) : fault;
  }

  private static String faultOfIds(PackedSequence sequence) {
    int documents = sequence.getDocumentStartsCount() - 1;
    int ids = sequence.getDocumentIdsCount();
    return ids == 0 || ids == documents ? "" : "%d ids for %d documents".formatted(ids, documents);
  }

  private static String faultOfLabels(PackedSequence sequence) {
    int documents = sequence.getDocumentStartsCount() - 1;
    int labels = sequence.getLabelsCount();
    return labels == 0 || labels == documents
        ? ""
        : "%d labels for %d documents".formatted(labels, documents);
  }

  private static String faultOfStarts(int[] starts, int tokens) {
    if (starts.length < 2 || starts[0] != 0 || starts[starts.length - 1] != tokens) {
      return "document starts must begin with 0 and end with the number of tokens, " + tokens;
    }
    for (int i = 1; i < starts.length; i++) {
      if (starts[i] <= starts[i - 1]) {
        return "document start %d (%d) is not after the one before".formatted(i, starts[i]);
      }
    }
    return "";
  }
}
