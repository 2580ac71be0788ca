package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.prepare.pack.BestFitPacker;
import io.millrace.data.prepare.pack.Pack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Tokenises texts, ends each with the end-of-document token and packs them without padding. */
public final class TextTransform implements WindowTransform<int[]> {
  private final String dataset;
  private final Function<String, int[]> tokenizer;
  private final int endOfDocument;
  private final BestFitPacker packer;

  /**
   * A transform for one dataset.
   *
   * @param tokenizer tokens of a text, in which nothing stands for a special token
   * @param endOfDocument the token that ends every document
   */
  public TextTransform(
      String dataset, Function<String, int[]> tokenizer, int endOfDocument, int packLength) {
    this.dataset = dataset;
    this.tokenizer = tokenizer;
    this.endOfDocument = endOfDocument;
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
    int[] tokens = tokenizer.apply(document.getText());
    int[] ended = Arrays.copyOf(tokens, tokens.length + 1);
    ended[tokens.length] = endOfDocument;
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
