package io.millrace.training.task.language;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.language.train.PackedBatch;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.PackedTexts;
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
    PackedSequence sequence = PackedTexts.parse(value, vocabSize);
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
    return withTargets(PackedTexts.batch(sequences));
  }

  private static PackedBatch withTargets(PackedBatch batch) {
    if (batch.targets(1) == 0) {
      throw new CorruptRecordException(
          "%d tokens without a training target".formatted(batch.tokens()));
    }
    return batch;
  }
}
