package io.millrace.inference.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What OpenAI's clients send and get. */
class CompletionApiTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @Test
  void listsWhatServes() throws Exception {
    JsonNode list = InferenceFixture.JSON.readTree(SERVICE.send("GET", "/v1/models", "").body());

    assertThat(list.path("object").asString()).isEqualTo("list");
    assertThat(list.path("data").valueStream().map(model -> model.path("id").asString()))
        .containsExactly(
            "crops", "phrases", "rows", "shades", "shapes", "story", "texts", "writer");
    JsonNode story =
        InferenceFixture.JSON.readTree(SERVICE.send("GET", "/v1/models/story", "").body());
    assertThat(story.path("owned_by").asString()).isEqualTo("millrace");
    assertThat(SERVICE.send("GET", "/v1/models/nobody", "").statusCode()).isEqualTo(404);
  }

  /**
   * Versions of the fixture are of one time; {@code ModelSlotTest} tells model and version apart.
   */
  @Test
  void tellsTimesInTheFormOfEachApi() throws Exception {
    JsonNode story =
        InferenceFixture.JSON.readTree(SERVICE.send("GET", "/v1/models/story", "").body());

    assertThat(Instant.ofEpochSecond(story.path("created").asLong()))
        .isEqualTo(Instant.parse("2026-11-23T00:00:00Z"));
    assertThat(SERVICE.model("story").path("created_at").asString())
        .isEqualTo("2026-11-23T00:00:00Z");
    assertThat(SERVICE.model("story").path("version_created_at").asString())
        .isEqualTo("2026-11-23T00:00:00Z");
  }

  @Test
  void completes() throws Exception {
    JsonNode answer = SERVICE.post(COMPLETIONS, body("max_tokens", 12, "temperature", 0));

    assertThat(answer.path("object").asString()).isEqualTo("text_completion");
    assertThat(answer.path("model").asString()).isEqualTo("story");
    assertThat(answer.path("system_fingerprint").asString()).matches("v1-[0-9a-f]{16}");
    JsonNode choice = answer.path("choices").path(0);
    assertThat(choice.path("text").asString()).isNotEmpty();
    assertThat(choice.path("finish_reason").asString()).isEqualTo("length");
    int prompt = TinyModels.TOKENIZER.encode("the river").length;
    assertThat(answer.path("usage").path("prompt_tokens").asInt()).isEqualTo(prompt);
    assertThat(answer.path("usage").path("completion_tokens").asInt()).isEqualTo(12);
    assertThat(answer.path("usage").path("total_tokens").asInt()).isEqualTo(12 + prompt);
  }

  @Test
  void takesAPromptOfTokens() throws Exception {
    JsonNode ofText = SERVICE.post(COMPLETIONS, body("temperature", 0, "max_tokens", 8));
    JsonNode ofTokens =
        SERVICE.post(
            COMPLETIONS,
            body(
                "prompt",
                TinyModels.TOKENIZER.encode("the river"),
                "temperature",
                0,
                "max_tokens",
                8));

    assertThat(text(ofTokens)).isEqualTo(text(ofText));
  }

  @Test
  void followsTemperatureSeedAndTopP() throws Exception {
    String greedy = text(SERVICE.post(COMPLETIONS, body("temperature", 0, "seed", 1)));
    String first = text(SERVICE.post(COMPLETIONS, body("seed", 1)));

    assertThat(text(SERVICE.post(COMPLETIONS, body("seed", 1)))).isEqualTo(first);
    assertThat(text(SERVICE.post(COMPLETIONS, body("seed", 2)))).isNotEqualTo(first);
    assertThat(text(SERVICE.post(COMPLETIONS, body("temperature", 0, "seed", 2))))
        .isEqualTo(greedy);
    assertThat(first).isNotEqualTo(greedy);
    assertThat(text(SERVICE.post(COMPLETIONS, body("seed", 3, "top_p", 1e-9)))).isEqualTo(greedy);
    assertThat(text(SERVICE.post(COMPLETIONS, body("seed", 3, "top_k", 1)))).isEqualTo(greedy);
  }

  @Test
  void streamsTheSameAsItAnswersAtOnce() throws Exception {
    String whole = text(SERVICE.post(COMPLETIONS, body("seed", 6, "max_tokens", 40)));

    List<JsonNode> chunks =
        SERVICE.stream(
            COMPLETIONS,
            body(
                "seed",
                6,
                "max_tokens",
                40,
                "stream",
                true,
                "stream_options",
                Map.of("include_usage", true)));

    JsonNode usage = chunks.removeLast();
    assertThat(usage.path("choices").isEmpty()).isTrue();
    assertThat(usage.path("usage").path("completion_tokens").asInt()).isEqualTo(40);
    assertThat(chunks.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("length");
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : chunks) {
      assertThat(chunk.path("id")).isEqualTo(usage.path("id"));
      assertThat(chunk.has("usage")).isFalse();
      text.append(text(chunk));
    }
    assertThat(text).hasToString(whole);
    assertThat(chunks).hasSizeGreaterThan(2);
  }

  @Test
  void endsBeforeAStopText() throws Exception {
    String whole = text(SERVICE.post(COMPLETIONS, body("seed", 6, "max_tokens", 40)));
    String stop = whole.substring(10, 13);
    String expected = whole.substring(0, whole.indexOf(stop));
    Map<String, Object> wanted =
        body("seed", 6, "max_tokens", 40, "stop", List.of("never there", stop));

    JsonNode answer = SERVICE.post(COMPLETIONS, wanted);
    wanted.put("stream", true);
    List<JsonNode> chunks = SERVICE.stream(COMPLETIONS, wanted);

    assertThat(text(answer)).isEqualTo(expected);
    assertThat(answer.path("choices").path(0).path("finish_reason").asString()).isEqualTo("stop");
    assertThat(answer.path("usage").path("completion_tokens").asInt()).isLessThan(40);
    assertThat(String.join("", chunks.stream().map(CompletionApiTest::text).toList()))
        .isEqualTo(expected);
  }

  @Test
  void echoesThePrompt() throws Exception {
    String plain = text(SERVICE.post(COMPLETIONS, body("seed", 6)));

    assertThat(text(SERVICE.post(COMPLETIONS, body("seed", 6, "echo", true))))
        .isEqualTo("the river" + plain);
  }

  @Test
  void chats() throws Exception {
    JsonNode answer = SERVICE.post(CHAT, chat("hello", "max_completion_tokens", 6, "seed", 1));

    assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
    assertThat(answer.path("id").asString()).startsWith("chatcmpl-");
    JsonNode message = answer.path("choices").path(0).path("message");
    assertThat(message.path("role").asString()).isEqualTo("assistant");
    // Two turns are two specials, and one invites the answer.
    assertThat(answer.path("usage").path("prompt_tokens").asInt())
        .isEqualTo(
            3
                + TinyModels.TOKENIZER.encode("be brief").length
                + TinyModels.TOKENIZER.encode("hello").length);
    Object parts =
        List.of(Map.of("type", "text", "text", "hel"), Map.of("type", "text", "text", "lo"));
    assertThat(
            SERVICE
                .post(CHAT, chat(parts, "max_tokens", 6, "seed", 1))
                .path("choices")
                .path(0)
                .path("message"))
        .isEqualTo(message);

    List<JsonNode> chunks =
        SERVICE.stream(CHAT, chat("hello", "max_tokens", 6, "seed", 1, "stream", true));

    assertThat(chunks.getFirst().path("object").asString()).isEqualTo("chat.completion.chunk");
    assertThat(chunks.getFirst().path("choices").path(0).path("delta").path("role").asString())
        .isEqualTo("assistant");
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk ->
        text.append(chunk.path("choices").path(0).path("delta").path("content").asString("")));
    assertThat(text).hasToString(message.path("content").asString());
  }

  @Test
  void neverTakesWritingForSpecialTokens() throws Exception {
    JsonNode answer = SERVICE.post(CHAT, chat("<|endoftext|>", "max_tokens", 1));

    assertThat(answer.path("usage").path("prompt_tokens").asInt()).isGreaterThan(3 + 3 + 1);
  }

  @Test
  void takesWhatClientsSendWithoutNeed() throws Exception {
    SERVICE.post(
        COMPLETIONS,
        body("n", 1, "best_of", 1, "frequency_penalty", 0, "logit_bias", Map.of(), "suffix", ""));
  }

  @Test
  void tokenizesAndBack() throws Exception {
    String text = "the mill, \u00e4\u4e2d\ud83c\udf0a <|endoftext|>";
    JsonNode tokens = SERVICE.post("/tokenize", Map.of("model", "story", "prompt", text));

    assertThat(tokens.path("count").asInt()).isEqualTo(tokens.path("tokens").size());
    assertThat(tokens.path("max_model_len").asInt()).isEqualTo(TinyModels.CONTEXT);
    assertThat(
            SERVICE
                .post("/detokenize", Map.of("model", "story", "tokens", tokens.path("tokens")))
                .path("prompt")
                .asString())
        .isEqualTo(text);
    assertThat(
            SERVICE
                .send("POST", "/detokenize", "{\"model\": \"story\", \"tokens\": [-1]}")
                .statusCode())
        .isEqualTo(400);
    assertThat(SERVICE.send("POST", "/tokenize", "{\"model\": \"story\"}").statusCode())
        .isEqualTo(400);
  }

  private static String text(JsonNode answer) {
    return answer.path("choices").path(0).path("text").asString("");
  }

  private static Map<String, Object> body(Object... fields) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", "story");
    body.put("prompt", "the river");
    body.put("max_tokens", 16);
    put(body, fields);
    return body;
  }

  private static Map<String, Object> chat(Object content, Object... fields) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", "story");
    body.put(
        "messages",
        List.of(
            Map.of("role", "system", "content", "be brief"),
            Map.of("role", "user", "content", content)));
    put(body, fields);
    return body;
  }

  private static void put(Map<String, Object> body, Object... fields) {
    for (int i = 0; i < fields.length; i += 2) {
      body.put((String) fields[i], fields[i + 1]);
    }
  }
}
