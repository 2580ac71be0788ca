package io.millrace.training.task;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.language.train.PackedBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Packed sequences as batches: one behind the other, documents kept apart by their starts. */
public final class PackedTexts {

  private PackedTexts() {}

  /**
   * Reads a record, whose tokens must be in the vocabulary: an index outside of an embedding would
   * end the process, not the run.
   *
   * @throws CorruptRecordException if it is not what it should be
   */
  public static PackedSequence parse(byte[] value, int vocabulary) {
    PackedSequence sequence = PackedSequences.parse(value);
    for (int id : PackedSequences.tokenIds(sequence)) {
      if (id < 0 || id >= vocabulary) {
        throw new CorruptRecordException(
            "token %d is not in the vocabulary of %d".formatted(id, vocabulary));
      }
    }
    return sequence;
  }

  /** Puts sequences together, in their order. */
  public static PackedBatch batch(List<PackedSequence> sequences) {
    int tokens = sequences.stream().mapToInt(PackedSequences::tokens).sum();
    int documents = sequences.stream().mapToInt(s -> s.getDocumentStartsCount() - 1).sum();
    ByteBuffer ids =
        ByteBuffer.allocateDirect(tokens * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int[] starts = new int[documents + 1];
    int[] packs = new int[sequences.size() + 1];
    int document = 0;
    int pack = 0;
    int first = 0;
    for (PackedSequence sequence : sequences) {
      PackedSequences.copyTokenIds(sequence, ids);
      for (int i = 1; i < sequence.getDocumentStartsCount(); i++) {
        starts[++document] = first + sequence.getDocumentStarts(i);
      }
      first += PackedSequences.tokens(sequence);
      packs[++pack] = first;
    }
    ids.flip();
    boolean masked = sequences.stream().anyMatch(s -> !s.getLossMask().isEmpty());
    PackedBatch batch =
        masked
            ? new PackedBatch(ids, starts, mask(sequences, tokens))
            : new PackedBatch(ids, starts);
    return batch.inPacks(packs);
  }

  private static byte[] mask(List<PackedSequence> sequences, int tokens) {
    byte[] mask = new byte[tokens];
    Arrays.fill(mask, (byte) 1);
    int first = 0;
    for (PackedSequence sequence : sequences) {
      int length = PackedSequences.tokens(sequence);
      for (int i = 0; i < length; i++) {
        if (!PackedSequences.isTarget(sequence, i)) {
          mask[first + i] = 0;
        }
      }
      first += length;
    }
    return mask;
  }
}
