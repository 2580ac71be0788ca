package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.PackedBatch;
import io.millrace.tensor.engine.TensorEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** On a processor, which has no memory of a device and is never busy as one. */
class DeviceSpeedTest {

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void measuresAProductPeak() {
    assertThat(DeviceSpeed.peak(engine, 64, 4)).isPositive();
  }

  @Test
  void printsWhatAStepIs() throws IOException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    LanguageConfig config = LanguageConfig.preset("nano", 256, 0);
    int[] ids = new int[32];
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        LanguageTrainer trainer =
            LanguageTrainer.create(engine, config, LanguageTrainingSettings.deepSeek(), 1)) {
      new DeviceSpeed(engine, 1e12)
          .training("nano f32", trainer, PackedBatch.of(ids, ids), 32, 1, 3, out);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .matches(
            "(?s)nano f32: [\\d,]+ parameters, 64 tokens a step, training [\\d,]+ tokens/s \\(.*\\), [\\d.]+ TFLOP/s, [\\d.]+ % of the product peak; [1-9][\\d,]* operations a step\\R");
  }
}
