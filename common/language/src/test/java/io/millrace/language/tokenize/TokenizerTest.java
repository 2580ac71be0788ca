package io.millrace.language.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerTest {

  private static final List<String> CORPUS =
      List.of(
          "public static void main(String[] args) { return; }\n".repeat(5),
          "the cat sat on the mat, the cat sat still\n".repeat(5));

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
    String megabyte = "x".repeat(1 << 20);
    assertThat(tokenizer.decode(tokenizer.encode(megabyte))).isEqualTo(megabyte);
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
        "'\"normalizer\":null' ; '\"normalizer\":{\"type\":\"Lowercase\"}' ; Lowercase"
      })
  void refusesWhatItDoesNotDo(String from, String to, String reason) {
    String json = new String(tokenizer.toJson(), StandardCharsets.UTF_8);
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
