package io.millrace.inference.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.InferenceProperties;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageLoaderTest {

  @TempDir Path folder;

  @Test
  void letsTheConfigurationSayWhatEndsADocument() throws IOException {
    TinyModels.language(folder, 1);
    Path config = folder.resolve("config.json");
    String json = Files.readString(config);
    assertThat(json).contains("\"eos_token_id\" : 0");
    Files.writeString(config, json.replace("\"eos_token_id\" : 0", "\"eos_token_id\" : 265"));
    try (LanguageRuntime runtime = loader().load(folder)) {
      assertThat(runtime.tokenizer().endOfDocument()).isEqualTo(265);
    }
  }

  private static LanguageLoader loader() {
    return new LanguageLoader(
        TensorEngine.start("cpu"),
        new InferenceProperties(
            List.of(), 1, 1, 1, 40, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }
}
