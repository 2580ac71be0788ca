package io.millrace.language.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ids are those of Hugging Face tokenizers; golden.py beside the files made them. */
class TokenizerGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "v3", "ours"})
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
      assertThat(tokenizer.decode(expected)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "v3", "ours"})
  void writesWhatItReads(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(resource("tokenizer-" + name + ".json"));
    Tokenizer again = Tokenizer.read(tokenizer.toJson());
    for (JsonNode probe : JsonMapper.shared().readTree(resource("ids-" + name + ".json"))) {
      String text = probe.path("text").asString();
      assertThat(again.encode(text)).containsExactly(tokenizer.encode(text));
    }
    assertThat(again.toJson()).isEqualTo(tokenizer.toJson());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TokenizerGoldenTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
