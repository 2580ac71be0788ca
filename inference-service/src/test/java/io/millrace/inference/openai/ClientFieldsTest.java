package io.millrace.inference.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.SharedFiles;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Fields that clients of OpenAI send and that ask for nothing which is not there. */
class ClientFieldsTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'user': 'u-1'",
        "'safety_identifier': 'u-1', 'prompt_cache_key': 'k', 'prompt_cache_retention': '24h'",
        "'store': false, 'metadata': {}",
        "'store': null, 'metadata': {'run': '7'}",
        "'service_tier': 'auto'",
        "'service_tier': 'default'",
        "'tools': [], 'tool_choice': 'none', 'parallel_tool_calls': false",
        "'tool_choice': 'auto', 'parallel_tool_calls': true",
        "'functions': [], 'function_call': 'none'",
        "'n': 1, 'logprobs': false, 'top_logprobs': 0, 'logit_bias': {}",
        "'frequency_penalty': 0, 'presence_penalty': 0.0, 'repetition_penalty': 1.0, 'min_p': 0",
        "'stop': null, 'seed': null, 'max_completion_tokens': null",
        "'stop': [], 'response_format': {'type': 'text'}",
        "'modalities': ['text'], 'audio': null, 'prediction': null, 'web_search_options': null",
        "'reasoning_effort': 'none', 'verbosity': 'medium'",
        "'stream': false, 'stream_options': null"
      })
  void changeNoAnswer(String fields) throws Exception {
    String plain = "{'model': 'story', 'messages': [{'role': 'user', 'content': 'x'}]";
    String settings = ", 'max_tokens': 8, 'temperature': 0}";

    JsonNode answer = post(CHAT, plain + ", " + fields + settings);

    assertThat(answer.path("choices")).isEqualTo(post(CHAT, plain + settings).path("choices"));
  }

  @Test
  void changeNoCompletion() throws Exception {
    String plain = "{'model': 'story', 'prompt': 'x', 'max_tokens': 8, 'temperature': 0";

    JsonNode answer =
        post(
            COMPLETIONS,
            plain
                + ", 'user': 'u', 'store': false, 'metadata': {}, 'service_tier': 'auto',"
                + " 'logprobs': null, 'logit_bias': null, 'suffix': null, 'best_of': 1,"
                + " 'repetition_penalty': 1, 'min_p': 0.0, 'echo': false, 'stop': [], 'seed': 5}");

    assertThat(answer.path("choices")).isEqualTo(post(COMPLETIONS, plain + "}").path("choices"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'role': 'developer', 'content': 'x'}",
        "{'role': 'system', 'name': 'house', 'content': 'x'}",
        "{'role': 'system', 'content': [{'type': 'text', 'text': 'x',"
            + " 'cache_control': {'type': 'ephemeral'}}]}",
        "{'role': 'system', 'content': 'x', 'refusal': null, 'tool_calls': null,"
            + " 'function_call': null, 'audio': null, 'annotations': []}"
      })
  void spellTheSameMessage(String message) throws Exception {
    String rest = ", {'role': 'user', 'content': 'y'}], 'max_tokens': 8, 'temperature': 0}";
    String plain = "{'model': 'story', 'messages': [{'role': 'system', 'content': 'x'}" + rest;

    JsonNode answer = post(CHAT, "{'model': 'story', 'messages': [" + message + rest);

    assertThat(answer.path("choices")).isEqualTo(post(CHAT, plain).path("choices"));
    assertThat(answer.path("usage")).isEqualTo(post(CHAT, plain).path("usage"));
  }

  /** As {@code model_dump()} of OpenAI's Python client writes an answer's message. */
  @Test
  void letAnAnswerBeSentBack() throws Exception {
    String question = "{'role': 'user', 'content': 'x'}";
    String first =
        "{'model': 'story', 'messages': [%s], 'max_tokens': 4, 'temperature': 0}"
            .formatted(question);
    ObjectNode message = (ObjectNode) post(CHAT, first).path("choices").path(0).path("message");
    message
        .putNull("refusal")
        .putNull("annotations")
        .putNull("audio")
        .putNull("function_call")
        .putNull("tool_calls");
    ObjectNode next = (ObjectNode) InferenceFixture.JSON.readTree(first.replace('\'', '"'));
    ArrayNode messages = (ArrayNode) next.path("messages");
    messages.add(message);
    messages.addObject().put("role", "user").put("content", "z");

    JsonNode answer = post(CHAT, next.toString());

    assertThat(answer.path("usage").path("prompt_tokens").asInt())
        .isGreaterThan(post(CHAT, first).path("usage").path("prompt_tokens").asInt());
  }

  @Test
  void letAStreamHaveItsOptions() throws Exception {
    List<JsonNode> chunks =
        SERVICE.stream(
            CHAT,
            Map.of(
                "model",
                "story",
                "messages",
                List.of(Map.of("role", "user", "content", "x")),
                "max_tokens",
                2,
                "stream",
                true,
                "stream_options",
                Map.of("include_usage", true, "include_obfuscation", false)));

    assertThat(chunks.getLast().path("usage").path("completion_tokens").asInt()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai-harmless-fields", "prompt-list-of-one"})
  void areTakenAsTheCasesHaveThem(String name) throws Exception {
    for (String line : Files.readAllLines(SharedFiles.require("cases/" + name + "/bodies.jsonl"))) {
      String body = line.replace("\"writer\"", "\"story\"");
      String path = body.contains("\"messages\"") ? CHAT : COMPLETIONS;

      HttpResponse<String> answer = SERVICE.send("POST", path, body);

      assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(200);
    }
  }

  private static JsonNode post(String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer = SERVICE.send("POST", path, body.replace('\'', '"'));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return InferenceFixture.JSON.readTree(answer.body());
  }
}
