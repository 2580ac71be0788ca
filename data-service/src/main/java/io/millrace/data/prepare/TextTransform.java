package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.prepare.pack.BestFitPacker;
import io.millrace.data.prepare.pack.Pack;
import io.millrace.language.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/** Tokenises texts, ends each with the end-of-document token and packs them without padding. */
public final class TextTransform implements WindowTransform<TokenizedDocument> {
  private final String dataset;
  private final DocumentTokenizer tokenizer;
  private final int packLength;
  private final BestFitPacker packer;
  private final ClassIndex classes;

  TextTransform(String dataset, DocumentTokenizer tokenizer, int packLength, List<String> classes) {
    this.dataset = dataset;
    this.classes = new ClassIndex(classes);
    this.tokenizer = tokenizer;
    this.packLength = packLength;
    this.packer = new BestFitPacker(packLength);
  }

  /**
   * A transform for one dataset.
   *
   * @param packLength most tokens of a sequence
   * @param classes labels in the order of their index
   */
  public TextTransform(String dataset, Tokenizer tokenizer, int packLength, List<String> classes) {
    this(dataset, DocumentTokenizer.of(tokenizer), packLength, classes);
  }

  @Override
  public int most(WindowLimits limits) {
    return limits.documents();
  }

  @Override
  public TokenizedDocument prepare(Document document) throws RejectedDocumentException {
    TokenizedDocument tokens = tokenizer.tokenize(document);
    // Cut, an answer would be learned without its question, and a question alone teaches nothing.
    if (!tokens.given().isEmpty() && tokens.ids().length > packLength) {
      throw new RejectedDocumentException(
          "%d tokens with what is given in it, sequences of the dataset hold %d and only texts are cut"
              .formatted(tokens.ids().length, packLength));
    }
    return tokens.withLabel(classes.ofDocument(document.getLabel()));
  }

  @Override
  public List<PackedSequence> records(List<TokenizedDocument> documents, long firstSequenceNumber) {
    List<int[]> ids = documents.stream().map(TokenizedDocument::ids).toList();
    List<BitSet> given = documents.stream().map(TokenizedDocument::given).toList();
    int[] lengths = ids.stream().mapToInt(tokens -> tokens.length).toArray();
    List<PackedSequence> sequences = new ArrayList<>();
    for (Pack pack : packer.pack(lengths).packs()) {
      PackedSequence sequence =
          PackedSequences.of(
              dataset,
              firstSequenceNumber + sequences.size(),
              pack.tokens(ids),
              pack.documentStarts(),
              pack.marks(given));
      List<TokenizedDocument> packed =
          pack.pieces().stream().map(piece -> documents.get(piece.document())).toList();
      sequences.add(
          PackedSequences.named(
              PackedSequences.labelled(sequence, labels(packed)),
              packed.stream().map(TokenizedDocument::id).toList()));
    }
    return sequences;
  }

  /** Of a dataset with classes every document has one; of another, none. */
  private static int[] labels(List<TokenizedDocument> packed) {
    return packed.stream()
        .map(TokenizedDocument::label)
        .flatMapToInt(OptionalInt::stream)
        .toArray();
  }

  @Override
  public long tokens(TokenizedDocument document) {
    return document.ids().length;
  }

  @Override
  public long boxes(TokenizedDocument document) {
    return 0;
  }

  @Override
  public long packedTokens(MessageLite record) {
    return record instanceof PackedSequence sequence ? PackedSequences.tokens(sequence) : 0;
  }
}
