package io.millrace.language.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class TokenizerTest {

  private static final List<String> CORPUS =
      List.of(
          "public static void main(String[] args) { return; }\n".repeat(5),
          "the cat sat on the mat, the cat sat still\n".repeat(5));

  private static final int LETTERS = 3;

  private final Tokenizer tokenizer = new BpeTrainer(300, (done, total) -> {}).train(CORPUS);

  @Test
  void comesBackUnchanged() {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(60), 1, 0x2FFFF)
          .filter(c -> c < 0xD800 || c > 0xDFFF)
          .forEach(text::appendCodePoint);
      assertThat(tokenizer.decode(tokenizer.encode(text.toString()))).isEqualTo(text.toString());
    }
  }

  @Test
  void mergesFrequentWordsToOneToken() {
    assertThat(tokenizer.encode(" the")).hasSize(1);
    assertThat(tokenizer.encode(" cat")).hasSize(1);
    assertThat(tokenizer.vocabSize()).isEqualTo(300);
  }

  @Test
  void trainsTheSameWhateverTheOrderOfDocuments() {
    Tokenizer reversed = new BpeTrainer(300, (done, total) -> {}).train(CORPUS.reversed());
    assertThat(reversed.toJson()).isEqualTo(tokenizer.toJson());
  }

  @Test
  void knowsWhichIdsNoTokenHas() {
    ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(tokenizer.toJson());
    int old = tokenizer.added(SpecialTokens.SYSTEM).orElseThrow();
    for (JsonNode token : json.path("added_tokens")) {
      if (token.path("content").asString().equals(SpecialTokens.SYSTEM)) {
        ((ObjectNode) token).put("id", 303);
      }
    }
    ObjectNode vocabulary = (ObjectNode) json.path("model").path("vocab");
    if (vocabulary.has(SpecialTokens.SYSTEM)) {
      vocabulary.put(SpecialTokens.SYSTEM, 303);
    }
    Tokenizer holed = Tokenizer.read(JsonMapper.shared().writeValueAsBytes(json));

    assertThat(tokenizer.idsWithoutToken(300)).isEmpty();
    assertThat(tokenizer.idsWithoutToken(302)).containsExactly(300, 301);
    assertThat(holed.idsWithoutToken(306)).containsExactly(old, 300, 301, 302, 304, 305);
    assertThat(holed.isToken(old)).isFalse();
    assertThat(holed.isToken(303)).isTrue();
    assertThat(holed.isToken(-1)).isFalse();
    assertThat(holed.decode(old)).isEmpty();
    assertThatThrownBy(() -> holed.endingWith(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token " + old + " is not in the vocabulary");
  }

  @Test
  void keepsTextFromBecomingSpecial() {
    String text = "a" + SpecialTokens.END_OF_TEXT + "b";
    assertThat(tokenizer.encode(text)).doesNotContain(tokenizer.endOfDocument());
    assertThat(tokenizer.encodeWithSpecials(text)).contains(tokenizer.endOfDocument());
    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
  }

  @Test
  void encodesALongPieceAsItsShortFormWould() {
    String word = "thecatsatonthemat".repeat(20);
    List<String> pieces = new ArrayList<>(PreTokenizer.ours().split(word));
    assertThat(pieces).hasSize(1);
    assertThat(tokenizer.decode(tokenizer.encode(word))).isEqualTo(word);
    Random random = new Random(5);
    PieceEncoder encoder = new PieceEncoder(new int[256], randomMerges(random));
    for (int i = 0; i < 500; i++) {
      int[] tokens = random.ints(1 + random.nextInt(200), 0, LETTERS).toArray();
      assertThat(encoder.encodeLong(tokens.clone())).isEqualTo(encoder.encodeShort(tokens.clone()));
    }
    String megabyte = "x".repeat(1 << 20);
    assertThat(tokenizer.decode(tokenizer.encode(megabyte))).isEqualTo(megabyte);
  }

  /** Merges of everything with everything, in an order that does not follow the lengths. */
  private static MergeTable randomMerges(Random random) {
    MergeTable merges = new MergeTable(60);
    List<Integer> ranks = new ArrayList<>(IntStream.range(0, 60).boxed().toList());
    Collections.shuffle(ranks, random);
    for (int rank : ranks) {
      int result = LETTERS + random.nextInt(20);
      merges.put(random.nextInt(result), random.nextInt(result), rank, result);
    }
    return merges;
  }

  @Test
  void encodesAPieceOfManyMegabytes() {
    MergeTable merges = new MergeTable(2);
    merges.put(0, 0, 0, 1);
    merges.put(1, 1, 1, 2);
    int[] found = new PieceEncoder(new int[256], merges).encode(new byte[8 << 20]);
    assertThat(found).hasSize(2 << 20);
    assertThat(Arrays.stream(found).allMatch(token -> token == 2)).isTrue();
  }

  @Test
  void givesThePairThatIsThereTwiceItsLastRank() {
    MergeTable merges = new MergeTable(3);
    merges.put(0, 1, 0, 3);
    merges.put(1, 2, 1, 4);
    merges.put(0, 1, 2, 3);
    PieceEncoder encoder = new PieceEncoder(new int[256], merges);
    assertThat(encoder.encodeShort(new int[] {0, 1, 2})).containsExactly(0, 4);
  }

  @Test
  void endsDocumentsAsItIsTold() {
    assertThat(tokenizer.endOfDocument()).isZero();
    Tokenizer told = tokenizer.endingWith(7);
    assertThat(told.endOfDocument()).isEqualTo(7);
    assertThat(told.beginningWith(7).endOfDocument()).isEqualTo(7);
    assertThatThrownBy(() -> tokenizer.endingWith(300))
        .hasMessageContaining("token 300 is not in the vocabulary of 300");
  }

  @Test
  void putsAQuestionMarkForHalfASurrogatePair() {
    assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db"))).isEqualTo("a?b");
  }

  @Test
  void holdsBackIncompleteCharacters() {
    TextAssembler assembler = new TextAssembler(tokenizer);
    StringBuilder text = new StringBuilder();
    byte[] bytes = "\u4e2d".getBytes(StandardCharsets.UTF_8);
    int[] ids = tokenizer.encode("\u4e2d");
    assertThat(ids).hasSize(bytes.length);
    assertThat(assembler.add(ids[0])).isEmpty();
    assertThat(assembler.add(ids[1])).isEmpty();
    text.append(assembler.add(ids[2]));
    assertThat(text).hasToString("\u4e2d");
    assembler.add(ids[0]);
    assertThat(assembler.finish()).isEqualTo("\uFFFD");
  }

  @Test
  void refusesAbsurdSizes() {
    assertThatThrownBy(() -> new BpeTrainer(256, (done, total) -> {}))
        .hasMessageContaining("vocab_size must be 261");
    assertThatThrownBy(() -> new BpeTrainer(300, (done, total) -> {}).train(List.of()))
        .hasMessageContaining("no text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'\"type\":\"BPE\"' ; '\"type\":\"Unigram\"' ; model.type is Unigram",
        "'\"dropout\":null' ; '\"dropout\":0.1' ; model.dropout",
        "'\"behavior\":\"Isolated\"' ; '\"behavior\":\"Contiguous\"' ; behavior Contiguous",
        "'\"decoder\":{\"type\":\"ByteLevel\"' ; '\"decoder\":{\"type\":\"Metaspace\"' ; decoder of type 'Metaspace'",
        "'\"lstrip\":false' ; '\"lstrip\":true' ; lstrip",
        "'\"id\":0' ; '\"id\":99999999' ; 99999999",
        "'\"normalizer\":null' ; '\"normalizer\":{\"type\":\"Lowercase\"}' ; Lowercase",
        "'\"truncation\":null' ; '\"truncation\":{\"max_length\":8}' ; truncation is not supported",
        "'\"padding\":null' ; '\"padding\":{\"pad_id\":0}' ; padding is not supported",
        "'\"use_regex\":false}]' ; '\"use_regex\":false},{\"type\":\"Digits\"}]' ; type 'Digits' behind ByteLevel",
        "'\"Regex\":\"' ; '\"Regex\":\"(' ; Unclosed group",
        "'\"id\":0' ; '\"id\":260' ; added token '<|endoftext|>' has the id 260 of"
      })
  void refusesWhatItDoesNotDo(String from, String to, String reason) {
    String json = new String(tokenizer.toJson(), StandardCharsets.UTF_8);
    assertThat(json).contains(from);
    byte[] changed = json.replace(from, to).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.read(changed))
        .isInstanceOf(InvalidTokenizerException.class)
        .hasMessageContaining(reason.strip())
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'\"ids\":[0]' ; '\"ids\":[999]' ; the id 999 of '<|endoftext|>', which no token has",
        "'\"ids\":[0]' ; '\"ids\":[]' ; special token '<|endoftext|>', whose ids are not among",
        "'\"special_tokens\":{\"' ; '\"special_tokens\":{\"x' ; special token '<|endoftext|>'"
      })
  void refusesABeginningThatIsNoToken(String from, String to, String reason) {
    String json = new String(tokenizer.beginningWith(0).toJson(), StandardCharsets.UTF_8);
    assertThat(json).contains(from);
    byte[] changed = json.replace(from, to).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.read(changed))
        .isInstanceOf(InvalidTokenizerException.class)
        .hasMessageContaining(reason.strip());
  }

  @Test
  void stopsAPatternThatBacktracksWithoutEnd() {
    Splitter evil = Splitter.isolated("(x+x+)+y");
    assertThatThrownBy(() -> evil.split("x".repeat(5_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pattern");
  }
}
