package io.millrace.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class StrictJsonTest {

  private static final JsonMapper JSON = StrictJson.mapper();

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Square.class, name = "square"),
    @JsonSubTypes.Type(value = Disc.class, name = "disc")
  })
  sealed interface Shape {}

  record Square(int side) implements Shape {
    Square {
      if (side < 1) {
        throw new IllegalArgumentException("a square has a side of 1 or more, not " + side);
      }
    }
  }

  record Disc(double radius) implements Shape {}

  record Picture(String name, List<Shape> shapes) {}

  private static Picture read(String json) throws IOException {
    return StrictJson.read(JSON, "picture.json", json.getBytes(UTF_8), Picture.class);
  }

  @Test
  void readsWhatItWrites() throws IOException {
    Picture picture = new Picture("a", List.of(new Square(2), new Disc(1.5)));
    assertThat(read(JSON.writeValueAsString(picture))).isEqualTo(picture);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"shapes\": []} | field 'name' is missing; it must be a string",
        "{\"name\": null, \"shapes\": []} | field 'name' is missing; it must be a string",
        "{\"name\": 7, \"shapes\": []} | field 'name' is not a string",
        "{\"name\": \"a\", \"shapes\": 7} | field 'shapes' is a number, not a list",
        "{\"name\": \"a\", \"shapes\": [{\"type\": \"square\"}]} | field 'shapes[0].side' is missing; it must be a whole number",
        "{\"name\": \"a\", \"shapes\": [{\"type\": \"square\", \"side\": \"2\"}]} | field 'shapes[0].side' is a string, not a whole number",
        "{\"name\": \"a\", \"shapes\": [{\"type\": \"square\", \"side\": 2.5}]} | field 'shapes[0].side' is not a whole number",
        "{\"name\": \"a\", \"shapes\": [{\"type\": \"square\", \"side\": 0}]} | field 'shapes[0]': a square has a side of 1 or more, not 0",
        "{\"name\": \"a\", \"shapes\": [{\"type\": \"star\"}]} | field 'shapes[0].type' is 'star', not one of disc, square",
        "{\"name\": \"a\", \"shapes\": [{\"side\": 1}]} | field 'shapes[0].type' is missing; it must be one of disc, square",
        "{\"name\": \"a\", \"shapes\": [], \"size\": 1} | unknown field 'size'; known are name, shapes",
        "{\"name\": \"a\", \"name\": \"b\", \"shapes\": []} | field 'name' is there twice (line 1,",
        "[1] | the configuration is a list, not an object",
        "{\"name\" | the configuration is not JSON: ",
      })
  void saysWhichFieldIsWrongAndWhatIsRight(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("picture.json: " + message)
        .hasMessageNotContaining("Jackson")
        .hasMessageNotContaining("io.millrace");
  }
}
