package io.millrace.training.task.language;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.language.train.PackedBatch;
import io.millrace.training.stream.RecordFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Packed sequences as batches: one behind the other, documents kept apart by their starts. */
final class LanguageFormat implements RecordFormat<PackedSequence, PackedBatch> {
  private final int vocabSize;
  private final int longestDocument;

  LanguageFormat(int vocabSize, int longestDocument) {
    this.vocabSize = vocabSize;
    this.longestDocument = longestDocument;
  }

  @Override
  public PackedSequence parse(byte[] value) {
    PackedSequence sequence = PackedSequences.parse(value);
    // An index outside of the embedding would end the process, not the run.
    for (int id : PackedSequences.tokenIds(sequence)) {
      if (id < 0 || id >= vocabSize) {
        throw new CorruptRecordException(
            "token %d is not in the vocabulary of %d".formatted(id, vocabSize));
      }
    }
    for (int i = 1; i < sequence.getDocumentStartsCount(); i++) {
      int length = sequence.getDocumentStarts(i) - sequence.getDocumentStarts(i - 1);
      if (length > longestDocument) {
        throw new CorruptRecordException(
            "a document of %d tokens, the model reads %d".formatted(length, longestDocument));
      }
    }
    return sequence;
  }

  @Override
  public long sequenceNumber(PackedSequence sequence) {
    return sequence.getSequenceNumber();
  }

  @Override
  public String dataset(PackedSequence sequence) {
    return sequence.getDataset();
  }

  @Override
  public PackedBatch assemble(List<PackedSequence> sequences) {
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
    return withTargets(batch.inPacks(packs));
  }

  private static PackedBatch withTargets(PackedBatch batch) {
    if (batch.targets(1) == 0) {
      throw new CorruptRecordException(
          "%d tokens without a training target".formatted(batch.tokens()));
    }
    return batch;
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
