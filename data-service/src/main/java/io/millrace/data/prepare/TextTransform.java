package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.prepare.pack.BestFitPacker;
import io.millrace.data.prepare.pack.Pack;
import io.millrace.data.tokenizer.TextTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tokenises texts, ends each with the end-of-document token and packs them without padding. */
public final class TextTransform implements WindowTransform<int[]> {
  private final String dataset;
  private final Topics topics;
  private final TextTokenizer tokenizer;
  private final BestFitPacker packer;

  /** A transform for one dataset. */
  public TextTransform(String dataset, Topics topics, TextTokenizer tokenizer, int packLength) {
    this.dataset = dataset;
    this.topics = topics;
    this.tokenizer = tokenizer;
    this.packer = new BestFitPacker(packLength);
  }

  @Override
  public int[] prepare(Document document) throws RejectedDocumentException {
    if (!document.hasText()) {
      throw new RejectedDocumentException(
          document.hasImage() ? "an image in a dataset of texts" : "a document without content");
    }
    if (document.getText().isBlank()) {
      throw new RejectedDocumentException("the text is empty");
    }
    int[] tokens = tokenizer.encode(document.getText());
    int[] ended = Arrays.copyOf(tokens, tokens.length + 1);
    ended[tokens.length] = tokenizer.endOfDocument();
    return ended;
  }

  @Override
  public List<PackedSequence> records(List<int[]> documents, long firstSequenceNumber) {
    int[] lengths = documents.stream().mapToInt(tokens -> tokens.length).toArray();
    List<PackedSequence> sequences = new ArrayList<>();
    for (Pack pack : packer.pack(lengths).packs()) {
      sequences.add(
          PackedSequences.of(
              dataset,
              firstSequenceNumber + sequences.size(),
              pack.tokens(documents),
              pack.documentStarts()));
    }
    return sequences;
  }

  @Override
  public String topic(Split split) {
    return topics.sequences(dataset, split);
  }

  @Override
  public long tokens(int[] document) {
    return document.length;
  }

  @Override
  public long boxes(int[] document) {
    return 0;
  }

  @Override
  public long packedTokens(MessageLite record) {
    return record instanceof PackedSequence sequence ? PackedSequences.tokens(sequence) : 0;
  }
}
