package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RivalGpuBenchmarkTest {

  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void tellsSpeedsAndWhatCannotBeDone() {
    assertThat(
            RivalGpuBenchmark.told(
                "grouped_mm", "pure", JSON.readTree("{\"seconds\": [0.5, 1, 0.25]}"), 1000))
        .isEqualTo("transformers, grouped_mm experts, pure: 2,000 tokens/s (1,000 to 4,000)");
    assertThat(
            RivalGpuBenchmark.told(
                "eager", "autocast", JSON.readTree("{\"error\": \"no memory\"}"), 1000))
        .isEqualTo("transformers, eager experts, autocast: no memory");
  }
}
