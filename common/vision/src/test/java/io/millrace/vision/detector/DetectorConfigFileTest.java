package io.millrace.vision.detector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectorConfigFileTest {

  /** Under the name that stands in the file, not under that of another kind of model. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "activation": "relu" | "activation": "cosine" | field 'layers.activation': "cosine" is no activation; it must be one of silu
          "norm": "group"      | "norm": "none such"    | layers.norm
          """)
  void namesTheSettingOfAValueThatIsNone(String right, String wrong, String message)
      throws IOException {
    String json;
    try (var preset = DetectorPresets.class.getResourceAsStream("presets/faster-rcnn-nano.json")) {
      json = new String(preset.readAllBytes(), UTF_8);
    }
    assertThat(json).contains(right);

    assertThatThrownBy(() ->
            DetectorConfigFile.read("config.json", json.replace(right, wrong).getBytes(UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("hidden_act");
  }
}
