package io.millrace.inference.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Several prompts in one request, as lm-eval and LangChain send them. */
class PromptListTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final List<String> PROMPTS = List.of("the river", "turns", "a", "the mill");
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @Test
  void answersAListOfOneAsThePromptItself() throws Exception {
    JsonNode plain = SERVICE.post(COMPLETIONS, body("the river"));

    for (Object prompt :
        List.of(
            List.of("the river"),
            TinyModels.TOKENIZER.encode("the river"),
            List.of(TinyModels.TOKENIZER.encode("the river")))) {
      JsonNode answer = SERVICE.post(COMPLETIONS, body(prompt));

      assertThat(answer.path("choices")).isEqualTo(plain.path("choices"));
      assertThat(answer.path("usage")).isEqualTo(plain.path("usage"));
    }
  }

  @Test
  void givesAChoiceForEachPromptInTheirOrder() throws Exception {
    List<JsonNode> singles = new ArrayList<>();
    for (String prompt : PROMPTS) {
      singles.add(SERVICE.post(COMPLETIONS, body(prompt)));
    }

    JsonNode texts = SERVICE.post(COMPLETIONS, body(PROMPTS));
    JsonNode tokens =
        SERVICE.post(
            COMPLETIONS, body(PROMPTS.stream().map(TinyModels.TOKENIZER::encode).toList()));

    assertThat(texts.path("choices").size()).isEqualTo(PROMPTS.size());
    for (int i = 0; i < PROMPTS.size(); i++) {
      JsonNode choice = texts.path("choices").path(i);
      assertThat(choice.path("index").asInt()).isEqualTo(i);
      assertThat(choice.path("text")).isEqualTo(choice(singles.get(i)).path("text"));
      assertThat(choice.path("finish_reason"))
          .isEqualTo(choice(singles.get(i)).path("finish_reason"));
    }
    assertThat(tokens.path("choices")).isEqualTo(texts.path("choices"));
    for (String figure : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
      assertThat(texts.path("usage").path(figure).asInt())
          .as(figure)
          .isEqualTo(
              singles.stream().mapToInt(one -> one.path("usage").path(figure).asInt()).sum());
    }
  }

  @Test
  void echoesEachPrompt() throws Exception {
    Map<String, Object> wanted = body(PROMPTS);
    wanted.put("echo", true);

    JsonNode answer = SERVICE.post(COMPLETIONS, wanted);

    for (int i = 0; i < PROMPTS.size(); i++) {
      assertThat(answer.path("choices").path(i).path("text").asString()).startsWith(PROMPTS.get(i));
    }
  }

  @Test
  void streamsEachChoiceUnderItsIndex() throws Exception {
    JsonNode whole = SERVICE.post(COMPLETIONS, body(PROMPTS));
    Map<String, Object> wanted = body(PROMPTS);
    wanted.put("stream", true);
    wanted.put("stream_options", Map.of("include_usage", true));

    List<JsonNode> chunks = new ArrayList<>(SERVICE.stream(COMPLETIONS, wanted));

    assertThat(chunks.removeLast().path("usage")).isEqualTo(whole.path("usage"));
    for (int i = 0; i < PROMPTS.size(); i++) {
      int index = i;
      List<JsonNode> own =
          chunks.stream()
              .map(PromptListTest::choice)
              .filter(choice -> choice.path("index").asInt() == index)
              .toList();
      assertThat(String.join("", own.stream().map(c -> c.path("text").asString()).toList()))
          .isEqualTo(whole.path("choices").path(i).path("text").asString());
      assertThat(own.stream().filter(choice -> !choice.path("finish_reason").isNull()))
          .containsExactly(own.getLast());
    }
  }

  @Test
  void takesMorePromptsThanThereArePlaces() throws Exception {
    Map<String, Object> wanted = body(Collections.nCopies(200, "a"));
    wanted.put("max_tokens", 1);

    assertThat(SERVICE.post(COMPLETIONS, wanted).path("choices").size()).isEqualTo(200);
  }

  @Test
  void refusesMoreThanItCanKeep() throws Exception {
    Map<String, Object> tokens = body(Collections.nCopies(100, "a"));
    tokens.put("max_tokens", 16_000);
    Map<String, Object> prompts = body(Collections.nCopies(2049, "a"));

    requireRefused(tokens, "max_tokens", "100 prompts ask for up to 1600000 tokens");
    requireRefused(prompts, "prompt", "there are 2049 prompts, more than 2048");
    requireRefused(
        body(List.of("a", "xyz ".repeat(6000))), "prompt[1]", "the model's context is 16384");
  }

  private static void requireRefused(Map<String, Object> body, String parameter, String message)
      throws Exception {
    HttpResponse<String> answer =
        SERVICE.send("POST", COMPLETIONS, InferenceFixture.JSON.writeValueAsString(body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode error = InferenceFixture.JSON.readTree(answer.body()).path("error");
    assertThat(error.path("param").asString()).isEqualTo(parameter);
    assertThat(error.path("message").asString()).contains(message);
  }

  private static JsonNode choice(JsonNode answer) {
    return answer.path("choices").path(0);
  }

  private static Map<String, Object> body(Object prompt) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", "story");
    body.put("prompt", prompt);
    body.put("max_tokens", 12);
    body.put("temperature", 0);
    return body;
  }
}
