package io.millrace.training.task.classification;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.PackedTexts;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Texts with their classes: every document of a packed sequence is an example.
 *
 * @param vocabulary token ids that there are
 * @param classes that there are
 */
record TextFormat(int vocabulary, int classes)
    implements RecordFormat<PackedSequence, ExampleBatch> {

  @Override
  public PackedSequence parse(byte[] value) {
    PackedSequence sequence = PackedTexts.parse(value, vocabulary);
    for (int label : PackedSequences.labels(sequence)) {
      Labels.require("sequence " + sequence.getSequenceNumber(), label, classes);
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
  public ExampleBatch assemble(List<PackedSequence> sequences) {
    return new ExampleBatch(
        new Inputs.Documents(new TokenBatch(PackedTexts.batch(sequences))),
        sequences.stream().flatMapToLong(TextFormat::labels).toArray());
  }

  private static LongStream labels(PackedSequence sequence) {
    int[] labels = PackedSequences.labels(sequence);
    return labels.length == 0
        ? LongStream.generate(() -> ExampleBatch.NONE).limit(sequence.getDocumentStartsCount() - 1L)
        : Arrays.stream(labels).asLongStream();
  }
}
