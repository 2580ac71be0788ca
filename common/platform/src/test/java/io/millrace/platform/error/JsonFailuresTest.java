package io.millrace.platform.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a client reads about JSON that it wrote: what is there, what should be, and where. */
class JsonFailuresTest {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  record Part(double weight) {}

  record Temperature(double temperature) {}

  record Steps(long steps) {}

  record Name(String name) {}

  record Stop(List<String> stop) {}

  record Whole(Part part) {}

  /** Read as services read bodies. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "temperature | {\"temperature\": \"hot\"} | temperature | field 'temperature' is a string, not a number (line 1,",
        "temperature | {\"temperature\": [1]} | temperature | field 'temperature' is a list, not a number",
        "temperature | {\"temperature\": {}} | temperature | field 'temperature' is an object, not a number",
        "temperature | {\"temperature\": true} | temperature | field 'temperature' is true or false, not a number",
        "temperature | {\"temperature\": null} | temperature | field 'temperature' is null, not a number",
        "temperature | {} | temperature | field 'temperature' is missing; it must be a number",
        "temperature | {\"temperature\": 1, \"heat\": 1} | heat | unknown field 'heat' (line 1, column 30); known are temperature",
        "steps | {\"steps\": \"12\"} | steps | field 'steps' is a string, not a whole number in range",
        "steps | {\"steps\": 1.5} | steps | field 'steps' is",
        "steps | {\"steps\": 100000000000000000000} | steps | field 'steps' is not a whole number in range",
        "name | {\"name\": {\"a\": 1}} | name | field 'name' is an object, not a string",
        "stop | {\"stop\": \"x\"} | stop | field 'stop' is a string, not a list",
        "stop | {\"stop\": [\"x\", {}]} | stop[1] | field 'stop[1]' is an object, not a string",
        "part | {\"part\": {\"weight\": \"x\"}} | part.weight | field 'part.weight' is a string, not a number",
        "part | [1] | | the body is a list, not an object",
        "part | 7 | | the body is",
        "part | `` | | the body is missing; it must be an object",
        "part | {\"a | | the body is not JSON",
        "steps | {\"steps\": 1 | | the body is not JSON: Unexpected end-of-input: expected close marker for Object",
        "steps | {\"steps\": NaN} | | the body is not JSON: Non-standard token 'NaN' (line 1,",
        "steps | {/* none */} | | the body is not JSON: Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (line 1,",
      })
  void saysWhatIsThereAndWhatShouldBe(String field, String body, String parameter, String message) {
    JacksonException cause =
        catchThrowableOfType(JacksonException.class, () -> JSON.readValue(body, holderOf(field)));

    MillraceException failure = JsonFailures.invalid(cause);

    assertThat(failure.getMessage()).startsWith(message);
    assertThat(failure.parameter()).isEqualTo(parameter);
  }

  private static Class<?> holderOf(String field) {
    return switch (field) {
      case "temperature" -> Temperature.class;
      case "steps" -> Steps.class;
      case "name" -> Name.class;
      case "stop" -> Stop.class;
      case "part" -> Whole.class;
      default -> throw new IllegalArgumentException(field);
    };
  }
}
