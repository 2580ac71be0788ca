package io.millrace.training.task.classification;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.language.train.PackedBatch;
import io.millrace.training.stream.RecordFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

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
    PackedSequence sequence = PackedSequences.parse(value);
    String name = "sequence " + sequence.getSequenceNumber();
    for (int label : PackedSequences.labels(sequence)) {
      Labels.require(name, label, classes);
    }
    ByteBuffer ids = ids(PackedSequences.tokens(sequence));
    PackedSequences.copyTokenIds(sequence, ids);
    ids.flip();
    while (ids.hasRemaining()) {
      int id = ids.getInt();
      if (id < 0 || id >= vocabulary) {
        throw new CorruptRecordException(
            "%s: token %d of a vocabulary of %d".formatted(name, id, vocabulary));
      }
    }
    return sequence;
  }

  private static ByteBuffer ids(int tokens) {
    return ByteBuffer.allocateDirect(tokens * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
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
    int tokens = sequences.stream().mapToInt(PackedSequences::tokens).sum();
    int documents = sequences.stream().mapToInt(s -> s.getDocumentStartsCount() - 1).sum();
    ByteBuffer ids = ids(tokens);
    int[] starts = new int[documents + 1];
    long[] classes = new long[documents];
    int document = 0;
    int first = 0;
    for (PackedSequence sequence : sequences) {
      PackedSequences.copyTokenIds(sequence, ids);
      int[] labels = PackedSequences.labels(sequence);
      for (int i = 1; i < sequence.getDocumentStartsCount(); i++) {
        classes[document] = labels.length == 0 ? ExampleBatch.NONE : labels[i - 1];
        starts[++document] = first + sequence.getDocumentStarts(i);
      }
      first += PackedSequences.tokens(sequence);
    }
    TokenBatch batch = new TokenBatch(new PackedBatch(ids.flip(), starts));
    return new ExampleBatch(new Inputs.Documents(batch), classes);
  }
}
