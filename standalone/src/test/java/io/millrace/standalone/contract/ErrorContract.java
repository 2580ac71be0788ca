package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every service says the same about the same mistake. */
abstract class ErrorContract {
  private final Rest rest;

  ErrorContract(Rest rest) {
    this.rest = rest;
  }

  /** Where each service takes JSON. */
  static Stream<Arguments> bodies() {
    return Stream.of(
            "/api/datasets",
            "/api/runs",
            "/v1/completions",
            "/v1/chat/completions",
            "/tokenize",
            "/api/keys")
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void refusesAnUnknownField(String path) {
    requireProblem(rest.post(path, Map.of("no_such_field", 1)), 400, "no_such_field");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void refusesWhatIsNotJson(String path) {
    requireProblem(rest.post(path, Rest.JSON, "{\"a\": "), 400, "");
    requireProblem(rest.post(path, "application/pdf", "x"), 415, Rest.JSON);
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void refusesAnUnknownParameter(String path) {
    requireProblem(rest.post(path + "?no_such=1", Map.of()), 400, "no_such");
  }

  @Test
  void refusesTheWrongType() {
    requireProblem(rest.post("/api/datasets", Map.of("name", 1)), 400, "name");
    requireProblem(rest.post("/api/runs", Map.of("steps", "many")), 400, "steps");
    requireProblem(rest.post("/v1/completions", Map.of("max_tokens", "8")), 400, "max_tokens");
    requireProblem(rest.post("/api/keys", Map.of("name", true)), 400, "name");
  }

  @Test
  void knowsNoOtherPath() {
    for (String path :
        new String[] {"/", "/nowhere", "/api/datasets/a/b/c", "/v1/nowhere", "/openapi/nothing"}) {
      requireProblem(rest.get(path), 404, "");
    }
    requireProblem(rest.delete("/api/runs"), 405, "");
  }

  /** OpenAI's envelope below {@code /v1}, else problem details. */
  private static void requireProblem(Rest.Answer answer, int status, String mentioned) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    JsonNode json = answer.json();
    if (answer.response().uri().getPath().startsWith("/v1/")) {
      assertThat(json.at("/error/message").asString()).contains(mentioned);
      assertThat(json.at("/error/code").asString()).isNotEmpty();
      assertThat(json.at("/error/type").asString()).endsWith("_error");
    } else {
      assertThat(answer.contentType()).startsWith("application/problem+json");
      assertThat(json.path("detail").asString()).contains(mentioned);
      assertThat(json.path("status").asInt()).isEqualTo(status);
      assertThat(json.path("code").asString()).isNotEmpty();
    }
  }
}
