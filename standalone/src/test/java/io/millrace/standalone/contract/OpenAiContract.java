package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What OpenAI's and vLLM's clients ask for beside streamed completions. */
abstract class OpenAiContract {
  private static final String PROMPT = "The miller counts";

  private final Rest rest;
  private final LearnedModels models;

  OpenAiContract(Rest rest, LearnedModels models) {
    this.rest = rest;
    this.models = models;
  }

  @Test
  void completesAtOnceWhatItStreams() {
    JsonNode whole =
        rest.post(
                "/v1/completions",
                Map.of(
                    "model",
                    models.language(),
                    "prompt",
                    PROMPT,
                    "max_tokens",
                    6,
                    "temperature",
                    0))
            .expect(200);
    assertThat(whole.path("object").asString()).isEqualTo("text_completion");
    assertThat(whole.path("model").asString()).isEqualTo(models.language());
    Inference.Completion streamed = new RestInference(rest).complete(models.language(), PROMPT, 6);
    assertThat(whole.at("/choices/0/text").asString()).isEqualTo(streamed.text());
    assertThat(whole.at("/choices/0/finish_reason").asString()).isEqualTo(streamed.end());
    assertThat(whole.at("/usage/completion_tokens").asInt()).isEqualTo(streamed.tokens());
  }

  @Test
  void chats() {
    Map<String, Object> request =
        Map.of(
            "model",
            models.language(),
            "max_tokens",
            6,
            "temperature",
            0,
            "messages",
            List.of(Map.of("role", "user", "content", PROMPT)));
    JsonNode whole = rest.post("/v1/chat/completions", request).expect(200);
    assertThat(whole.path("object").asString()).isEqualTo("chat.completion");
    JsonNode message = whole.at("/choices/0/message");
    assertThat(message.path("role").asString()).isEqualTo("assistant");

    Map<String, Object> streamed = new java.util.HashMap<>(request);
    streamed.put("stream", true);
    Rest.Answer answer = rest.post("/v1/chat/completions", streamed);
    assertThat(answer.contentType()).startsWith("text/event-stream");
    List<ServerSentEvents.Event> events = ServerSentEvents.of(answer.text());
    assertThat(events.getLast().data()).isEqualTo("[DONE]");
    StringBuilder text = new StringBuilder();
    for (ServerSentEvents.Event event : events.subList(0, events.size() - 1)) {
      assertThat(event.json().path("object").asString()).isEqualTo("chat.completion.chunk");
      text.append(event.json().at("/choices/0/delta/content").asString(""));
    }
    assertThat(text.toString()).isEqualTo(message.path("content").asString());
  }

  @Test
  void embeds() {
    JsonNode answer =
        rest.post(
                "/v1/embeddings",
                Map.of("model", models.language(), "input", List.of(PROMPT, "The")))
            .expect(200);
    assertThat(answer.path("object").asString()).isEqualTo("list");
    assertThat(answer.path("data").size()).isEqualTo(2);
    assertThat(answer.at("/data/1/index").asInt()).isOne();
    assertThat(answer.at("/data/1/embedding").size())
        .isEqualTo(answer.at("/data/0/embedding").size())
        .isPositive();
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isPositive();
  }

  @Test
  void listsModels() {
    String name = models.language();
    JsonNode model = rest.get("/v1/models/" + name).expect(200);
    assertThat(model.path("id").asString()).isEqualTo(name);
    assertThat(rest.get("/v1/models").expect(200).path("data").valueStream()).contains(model);
    assertThat(rest.get("/api/models/" + name).expect(200).path("state").asString())
        .isEqualTo("serving");
    Refusal.require("model_not_found", () -> rest.get("/v1/models/nobody").expect(200));
  }

  @Test
  void turnsTextsIntoTokensAndBack() {
    JsonNode tokens =
        rest.post("/tokenize", Map.of("model", models.language(), "prompt", PROMPT)).expect(200);
    assertThat(tokens.path("count").asInt()).isEqualTo(tokens.path("tokens").size()).isPositive();
    List<Integer> ids = tokens.path("tokens").valueStream().map(JsonNode::asInt).toList();
    JsonNode text =
        rest.post("/detokenize", Map.of("model", models.language(), "tokens", ids)).expect(200);
    assertThat(text.path("prompt").asString()).isEqualTo(PROMPT);
  }
}
