package io.millrace.language.tokenize;

import io.millrace.input.SmallFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Byte-level BPE of a {@code tokenizer.json}; any text can be encoded and comes back unchanged, but
 * for the NFC and the leading space that some files ask for, and for surrogates without their other
 * half, which are no character and become '?'.
 *
 * <p>For use by any number of threads.
 */
public final class Tokenizer {

  /** Its name in a model folder. */
  public static final String FILE = "tokenizer.json";

  /** Largest file in bytes that is read. */
  public static final int MAX_BYTES = 64 << 20;

  private static final int NFC_SHRINKS = 3;

  /** Names that model families give the end of a document, ours first. */
  private static final List<String> END_NAMES =
      List.of(SpecialTokens.END_OF_TEXT, "<｜end▁of▁sentence｜>", "</s>", "<|end_of_text|>");

  private final TokenizerSpec spec;
  private final OptionalInt end;
  private final PieceCache pieces;
  private final Spellings spellings;
  private final AddedTokens ordinaryAdded;
  private final AddedTokens allAdded;

  Tokenizer(TokenizerSpec spec) {
    this(spec, OptionalInt.empty());
  }

  private Tokenizer(TokenizerSpec spec, OptionalInt end) {
    this.spec = spec;
    this.end = end;
    this.pieces = new PieceCache(PieceEncoder.of(spec));
    this.spellings = Spellings.of(spec);
    this.ordinaryAdded =
        new AddedTokens(
            spec.added().stream().filter(token -> !token.special()).toList(), spec.normalize());
    this.allAdded = new AddedTokens(spec.added(), spec.normalize());
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws InvalidTokenizerException if it cannot be used as it is
   */
  public static Tokenizer read(byte[] json) {
    return new Tokenizer(TokenizerJsonReader.read(json));
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws IOException if the file cannot be read or is too large
   * @throws InvalidTokenizerException if it cannot be used as it is
   */
  public static Tokenizer read(Path file) throws IOException {
    return read(SmallFile.read(file, MAX_BYTES));
  }

  /** The {@code tokenizer.json} of this tokenizer, in a form that Hugging Face reads. */
  public byte[] toJson() {
    return TokenizerJsonWriter.write(spec);
  }

  /**
   * Token ids of a text; special tokens that are spelt in the text stay ordinary text, so that
   * nobody can smuggle in the end of a document.
   */
  public int[] encode(String text) {
    return encode(text, ordinaryAdded);
  }

  /** As {@link #encode}, but special tokens spelt in the text become special tokens. */
  public int[] encodeWithSpecials(String text) {
    return encode(text, allAdded);
  }

  /** As {@link #encodeWithSpecials}, with what the post-processor puts around a text (BOS). */
  public int[] encodeForModel(String text) {
    return IntStream.concat(
            IntStream.concat(
                spec.prefix().stream().mapToInt(Integer::intValue),
                IntStream.of(encodeWithSpecials(text))),
            spec.suffix().stream().mapToInt(Integer::intValue))
        .toArray();
  }

  /**
   * The text of tokens, special ones spelt out; bytes that are not UTF-8 become U+FFFD.
   *
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public String decode(int... ids) {
    TextAssembler assembler = new TextAssembler(this);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(assembler.add(id));
    }
    return text.append(assembler.finish()).toString();
  }

  /** Number of ids; all of them are below it. */
  public int vocabSize() {
    return spellings.size();
  }

  /** Whether an id is a token's: below {@link #vocabSize()}, and no hole in the vocabulary. */
  public boolean isToken(int id) {
    return spellings.isToken(id);
  }

  /**
   * Ids that are no token's, holes in the vocabulary and those behind it, in order.
   *
   * @param below the first id that is not looked at
   */
  public int[] idsWithoutToken(int below) {
    return IntStream.range(0, below).filter(id -> !isToken(id)).toArray();
  }

  /**
   * Characters of text, at most, that one token stands for: a text of more than n times as many
   * cannot have n tokens or fewer. For limits that are to hold before anything is encoded.
   */
  public int longestToken() {
    int bytes = spellings.longest();
    // NFC makes one character of up to 3 (a Hangul syllable), of 3 bytes each before and 3 after.
    return spec.normalize() ? NFC_SHRINKS * bytes : bytes;
  }

  /**
   * As {@link #encode}, with what the post-processor puts in front (BOS): a prompt written by
   * somebody who is not trusted.
   */
  public int[] encodePrompt(String text) {
    return IntStream.concat(IntStream.of(beginning()), IntStream.of(encode(text))).toArray();
  }

  /** Ids that {@link #encodeForModel} puts in front of a text: BOS, or none. */
  public int[] beginning() {
    return spec.prefix().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * The same tokenizer with another beginning of texts in its post-processor.
   *
   * @param ids what {@link #encodeForModel} puts in front; none: nothing
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public Tokenizer beginningWith(int... ids) {
    for (int id : ids) {
      spellings.requireToken(id);
    }
    return new Tokenizer(
        new TokenizerSpec(
            spec.vocabulary(),
            spec.merges(),
            spec.added(),
            spec.normalize(),
            spec.preTokenizer(),
            IntStream.of(ids).boxed().toList(),
            spec.suffix()),
        end);
  }

  /**
   * The same tokenizer with another end of a document, as the {@code eos_token_id} of a model's
   * configuration has it: a tokenizer.json does not say which token that is.
   *
   * @throws IllegalArgumentException if the id is not in the vocabulary
   */
  public Tokenizer endingWith(int id) {
    spellings.requireToken(id);
    return new Tokenizer(spec, OptionalInt.of(id));
  }

  /** Id of a special or otherwise added token. */
  public OptionalInt added(String content) {
    return allAdded.id(content);
  }

  /**
   * The token that ends a document: what {@link #endingWith} says, else the one of a name in use
   * for it.
   *
   * @throws IllegalStateException if the vocabulary has none of the names
   */
  public int endOfDocument() {
    if (end.isPresent()) {
      return end.getAsInt();
    }
    return END_NAMES.stream()
        .map(allAdded::id)
        .flatMapToInt(OptionalInt::stream)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "the tokenizer has no token that ends a document; one of "
                    + END_NAMES
                    + " must be among added_tokens"));
  }

  /** Bytes of a token. */
  byte[] spelling(int id) {
    return spellings.get(id);
  }

  private int[] encode(String text, AddedTokens added) {
    IntBuffer ids = new IntBuffer(text.length() / 2 + 8);
    added.split(
        text,
        ids,
        ordinary -> {
          for (String piece : spec.preTokenizer().split(ordinary)) {
            ids.add(pieces.encode(piece));
          }
        });
    return ids.toArray();
  }
}
