package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.tensor.activation.Activation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassifierConfigFileTest {

  private static final String ROWS =
      """
      {
        "architecture": "classifier",
        "classes": ["yes", "no"],
        "input": {"type": "rows", "columns": ["age", "height"]},
        "head": {
          "type": "mlp", "layers": [{"width": 8, "bias": true}], "activation": "relu",
          "dropout": 0.1, "bias": false
        },
        "temperature": 1.5
      }
      """;

  private static ClassifierConfig read(String json) throws IOException {
    return ClassifierConfigFile.read("config.json", json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItWrites(@TempDir Path directory) throws IOException {
    ClassifierConfig config = read(ROWS);
    assertThat(config)
        .isEqualTo(
            ClassifierConfig.of(
                    List.of("yes", "no"),
                    new RowInput(List.of("age", "height")),
                    new ClassifierHead.Mlp(
                        List.of(new ClassifierHead.Layer(8, true)), Activation.RELU, 0.1, false))
                .withTemperature(1.5));
    ClassifierConfigFile.write(config, directory);
    assertThat(ClassifierConfigFile.read(directory)).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "classifier"                 | "detector"         | architecture is detector
          ["yes", "no"]                | ["yes"]            | there are 1 classes
          ["yes", "no"]                | ["yes", "yes"]     | a class is named twice
          ["age", "height"]            | []                 | a row of 0 columns
          ["age", "height"]            | ["age", "age"]     | a column is named twice
          "rows"                       | "sounds"           | sounds
          [{"width": 8, "bias": true}] | []                 | an mlp of 0 hidden layers
          "width": 8                   | "width": 0         | a hidden layer of 0 numbers
          "relu"                       | "step"             | no gradient
          "relu"                       | "none such"        | must be one of
          0.1                          | 1                  | a dropout of 1.0
          1.5                          | 0                  | a temperature of 0.0
          "dropout": 0.1,              | ``                 | dropout
          "temperature"                | "a": 1, "temperature" | unknown field 'a'
          """)
  void refusesWhatMakesNoSense(String right, String wrong, String message) {
    assertThatThrownBy(() -> read(ROWS.replace(right, wrong)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json: ")
        .hasMessageContaining(message);
  }
}
