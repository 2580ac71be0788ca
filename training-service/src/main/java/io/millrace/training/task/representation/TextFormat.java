package io.millrace.training.task.representation;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.PackedTexts;
import java.util.List;

/** Packed sequences as batches of their documents; a loss mask means nothing to an encoder. */
final class TextFormat implements RecordFormat<PackedSequence, EncoderBatch> {
  private final int vocabulary;

  TextFormat(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  @Override
  public PackedSequence parse(byte[] value) {
    return PackedTexts.parse(value, vocabulary);
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
  public EncoderBatch assemble(List<PackedSequence> sequences) {
    return new TokenBatch(PackedTexts.batch(sequences));
  }
}
