package io.millrace.inference.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Requests that are refused, and how clients hear of it. */
class RefusedRequestsTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"prompt": "a"}                                            | model | model is missing
          {"model": "story"}                                         | prompt | must be a text
          {"model": "story", "prompt": ""}                           | prompt | is empty
          {"model": "story", "prompt": ["a", 5]}                     | prompt[1] | not a text as prompt[0] is
          {"model": "story", "prompt": [[5], "a"]}                   | prompt[1] | not a list of token ids as prompt[0] is
          {"model": "story", "prompt": [5, "a"]}                     | prompt | prompt[1] is "a"
          {"model": "story", "prompt": ["a", ""]}                    | prompt[1] | is empty
          {"model": "story", "prompt": []}                           | prompt | is empty
          {"model": "story", "prompt": [[]]}                         | prompt | is empty
          {"model": "story", "prompt": ["a", "b"], "max_tokens": 50000} | max_tokens | context of 16384
          {"model": "story", "prompt": {"text": "a"}}                | prompt | a list of token ids, or a list of either
          {"model": "story", "prompt": [99999]}                      | prompt | not a token id
          {"model": "story", "prompt": "a", "max_tokens": 0}         | max_tokens | at least 1
          {"model": "story", "prompt": "a", "max_tokens": 50000}     | max_tokens | context of 16384
          {"model": "story", "prompt": "a", "max_tokens": 1.5}       | max_tokens | whole number
          {"model": "story", "prompt": "a", "max_tokens": "1"}       | max_tokens | whole number
          {"model": "story", "prompt": "a", "max_tokens": ""}        | max_tokens | whole number
          {"model": "story", "prompt": "a", "max_tokens": true}      | max_tokens | whole number
          {"model": "story", "prompt": "a", "stream": 1}             | stream | true or false
          {"model": "story", "prompt": "a", "stream": "true"}        | stream | true or false
          {"model": 5, "prompt": "a"}                                | model | a string
          {"model": "story", "prompt": "a", "temperature": "1"}      | temperature | a number
          {"model": "story", "prompt": "a", "temperature": 2.5}      | temperature | 0 to 2
          {"model": "story", "prompt": "a", "temperature": "warm"}   | temperature | a number
          {"model": "story", "prompt": "a", "top_p": 0}              | top_p | above 0
          {"model": "story", "prompt": "a", "top_k": -1}             | top_k | negative
          {"model": "story", "prompt": "a", "stop": 5}               | stop | list of texts
          {"model": "story", "prompt": "a", "stop": [""]}            | stop | characters
          {"model": "story", "prompt": "a", "stop": ["a","b","c","d","e"]} | stop | up to 4
          {"model": "story", "prompt": "a", "n": 2}                  | n | only be 1
          {"model": "story", "prompt": "a", "best_of": 3}            | best_of | only be 1
          {"model": "story", "prompt": "a", "logprobs": 0}           | logprobs | not supported
          {"model": "story", "prompt": "a", "suffix": "z"}           | suffix | not supported
          {"model": "story", "prompt": "a", "presence_penalty": 1}   | presence_penalty | not supported
          {"model": "story", "prompt": "a", "repetition_penalty": 1.1} | repetition_penalty | only be 1
          {"model": "story", "prompt": "a", "min_p": 0.1}            | min_p | not supported
          {"model": "story", "prompt": "a", "store": true}           | store | not supported
          {"model": "story", "prompt": "a", "service_tier": "flex"}  | service_tier | only be auto or default
          {"model": "story", "prompt": "a", "user": 5}               | user | a string
          {"model": "story", "prompt": "a", "stream": true, "stream_options": {"include_obfuscation": true}} | stream_options.include_obfuscation | not supported
          {"model": "story", "prompt": "a", "temprature": 1}         | temprature | unknown field
          {"model": "story", "prompt": "a", "stream_options": {}}    | stream_options | needs stream
          {"model": "shapes", "prompt": "a"}                         | model | is of task detection
          """)
  void refusesWhatItDoesNotDo(String body, String parameter, String message) throws Exception {
    requireRefusal(SERVICE.send("POST", COMPLETIONS, body), 400, parameter, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"model": "story", "messages": []}                                       | messages | at least one
          {"model": "story", "messages": [{"role": "tool", "content": "a"}]}       | messages[0].role | must be system
          {"model": "story", "messages": [{"role": "user"}]}                       | messages[0].content | must be a text
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "tools": [{}]} | tools | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_object"}} | response_format | of type text
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1, "max_completion_tokens": 1} | max_tokens | mean the same
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "tool_choice": "required"} | tool_choice | only be none or auto
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "functions": [{}]} | functions | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "modalities": ["text", "audio"]} | modalities | only be ["text"]
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "audio": {"voice": "x"}} | audio | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "prediction": {}} | prediction | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "web_search_options": {}} | web_search_options | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "reasoning_effort": "high"} | reasoning_effort | only be none
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "verbosity": "low"} | verbosity | only be medium
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "store": true} | store | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "service_tier": "priority"} | service_tier | only be auto or default
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "n": 2} | n | only be 1
          {"model": "story", "messages": [{"role": "user", "content": "a"}], "logprobs": true} | logprobs | not supported
          {"model": "story", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "refusal": "no"}]} | messages[1].refusal | not supported
          {"model": "story", "messages": [{"role": "assistant", "content": "b", "tool_calls": [{}]}]} | messages[0].tool_calls | not supported
          {"model": "story", "messages": [{"role": "assistant", "content": null, "tool_calls": [{}]}]} | messages[0].content | must be a text
          {"model": "story", "messages": [{"role": "user", "content": [{"type": "text", "text": "a", "size": 1}]}]} | messages[0].content | may only have parts
          {"model": "story", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]} | messages[0].content | may only have parts
          """)
  void refusesChatsItDoesNotDo(String body, String parameter, String message) throws Exception {
    requireRefusal(SERVICE.send("POST", CHAT, body), 400, parameter, message);
  }

  @Test
  void refusesAPromptThatDoesNotFit() throws Exception {
    String prompt =
        InferenceFixture.JSON.writeValueAsString(
            Map.of("model", "story", "prompt", "xyz ".repeat(6000)));

    HttpResponse<String> answer = SERVICE.send("POST", COMPLETIONS, prompt);
    requireRefusal(answer, 400, "prompt", "the model's context is 16384");
    assertThat(answer.body()).contains("\"code\":\"context_length_exceeded\"");
  }

  /** So long that nobody needs to encode it to know. */
  @ParameterizedTest
  @CsvSource({"/v1/completions, prompt", "/v1/chat/completions, messages", "/tokenize, prompt"})
  void refusesByItsLengthWhatCanNeverFit(String path, String field) throws Exception {
    String text = "xyz ".repeat(1_000_000);
    Object value = field.equals("prompt") ? text : List.of(Map.of("role", "user", "content", text));

    HttpResponse<String> answer =
        SERVICE.send(
            "POST",
            path,
            InferenceFixture.JSON.writeValueAsString(Map.of("model", "story", field, value)));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body())
        .contains("the prompt has 400000", "can never fit; the model's context is 16384");
  }

  @Test
  void takesMoreMessagesThanACallStackIsDeep() throws Exception {
    List<Map<String, String>> messages =
        Collections.nCopies(12_000, Map.of("role", "user", "content", ""));

    String body =
        InferenceFixture.JSON.writeValueAsString(
            Map.of("model", "story", "messages", messages, "max_tokens", 16_000));

    requireRefusal(
        SERVICE.send("POST", CHAT, body), 400, "max_tokens", "12001 prompt tokens and 16000");
  }

  @Test
  void saysWhatIsNotThere() throws Exception {
    HttpResponse<String> nobody =
        SERVICE.send("POST", COMPLETIONS, "{\"model\": \"nobody\", \"prompt\": \"a\"}");
    requireRefusal(nobody, 404, "model", "'nobody' does not exist");
    assertThat(nobody.body()).contains("\"code\":\"model_not_found\"");
    requireRefusal(SERVICE.send("POST", COMPLETIONS, "{"), 400, null, "not JSON");
    requireRefusal(SERVICE.send("GET", COMPLETIONS, ""), 405, null, "");
    requireRefusal(
        SERVICE.send(
            SERVICE
                .request(COMPLETIONS)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("a"))
                .build()),
        415,
        null,
        "");
  }

  private static void requireRefusal(
      HttpResponse<String> answer, int status, @Nullable String parameter, String message)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = InferenceFixture.JSON.readTree(answer.body()).path("error");
    assertThat(error.path("message").asString()).contains(message);
    assertThat(error.path("param").asString(null)).isEqualTo(parameter);
    assertThat(error.path("type").asString())
        .isEqualTo(status == 404 ? "not_found_error" : "invalid_request_error");
    assertThat(error.path("code").asString()).isNotEmpty();
  }
}
