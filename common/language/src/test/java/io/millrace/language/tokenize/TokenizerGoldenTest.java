package io.millrace.language.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ids are those of Hugging Face tokenizers; golden.py beside the files made them. */
class TokenizerGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "v3", "ours", "prefix", "literal"})
  void encodesAsHuggingFaceDoes(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(resource("tokenizer-" + name + ".json"));
    JsonNode probes = JsonMapper.shared().readTree(resource("ids-" + name + ".json"));
    assertThat(probes.size()).isGreaterThanOrEqualTo(10);
    for (JsonNode probe : probes) {
      String text = probe.path("text").asString();
      int[] expected =
          StreamSupport.stream(probe.path("ids").spliterator(), false)
              .mapToInt(JsonNode::asInt)
              .toArray();
      assertThat(tokenizer.encodeWithSpecials(text)).as(text).containsExactly(expected);
      assertThat(tokenizer.decode(expected)).isEqualTo(decoded(name, text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "v3", "ours", "prefix", "literal"})
  void writesWhatItReads(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(resource("tokenizer-" + name + ".json"));
    Tokenizer again = Tokenizer.read(tokenizer.toJson());
    for (JsonNode probe : JsonMapper.shared().readTree(resource("ids-" + name + ".json"))) {
      String text = probe.path("text").asString();
      assertThat(again.encode(text)).containsExactly(tokenizer.encode(text));
    }
    assertThat(again.toJson()).isEqualTo(tokenizer.toJson());
  }

  /** Hugging Face has read the very bytes that are written here: golden.py written. */
  @ParameterizedTest
  @ValueSource(strings = {"prefix", "literal"})
  void writesWhatHuggingFaceReadsAlike(String name) throws IOException {
    byte[] json = Tokenizer.read(resource("tokenizer-" + name + ".json")).toJson();
    String kept = System.getProperty("millrace.written");
    if (kept == null) {
      assertThat(json).isEqualTo(resource("written-" + name + ".json"));
    } else {
      Files.write(Path.of(kept).resolve("written-" + name + ".json"), json);
    }
  }

  /**
   * What is left of a text: "prefix" puts spaces in front, "literal" brings to NFC and drops them.
   */
  private static String decoded(String name, String text) {
    return switch (name) {
      case "prefix" ->
          text.isEmpty() || text.startsWith(" ")
              ? text
              : " " + text.replace("<|endoftext|>b", "<|endoftext|> b");
      case "literal" -> Normalizer.normalize(text, Normalizer.Form.NFC).replace(" ", "");
      default -> text;
    };
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TokenizerGoldenTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
