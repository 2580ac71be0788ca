package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DescribedFormTest {
  private static final JsonNode DESCRIPTION =
      json(
          """
          {"components": {"schemas": {
             "Run": {"properties": {
               "id": {"type": "string"}, "steps": {"type": "integer"}, "loss": {"type": "number"},
               "done": {"type": "boolean"}, "any": {}, "part": {"$ref": "#/components/schemas/Part"},
               "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
               "metrics": {"type": "object", "additionalProperties": {"type": "number"}}}},
             "Part": {"type": "object", "properties": {"name": {"type": "string"}}}}}}
          """);

  @Test
  void takesWhatIsDescribed() {
    assertThat(
            faults(
                """
                {"id": "a", "steps": 3, "loss": 2, "done": true, "any": [1, {"b": 2}], "part": null,
                 "parts": [{"name": "x"}, {}], "metrics": {"loss": 0.5}}
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"new": 1}                | .new is not described
          {"steps": 1.5}            | .steps is no integer: 1.5
          {"loss": "1"}             | .loss is no number: "1"
          {"part": {"nam": "x"}}    | .part.nam is not described
          {"parts": [{"name": 1}]}  | .parts[].name is no string: 1
          {"parts": {}}             | .parts is no array: {}
          {"metrics": {"a": "b"}}   | .metrics.a is no number: "b"
          """)
  void namesWhatIsNot(String json, String fault) {
    assertThat(faults(json)).containsExactly(fault);
  }

  private static List<String> faults(String json) {
    return DescribedForm.faults(DESCRIPTION, DESCRIPTION.at("/components/schemas/Run"), json(json));
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
