package io.millrace.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class DataPropertiesTest {

  @Test
  void hasTheseDefaults() {
    assertThat(bind(Map.of()))
        .isEqualTo(
            new DataProperties(
                1,
                DataSize.ofMegabytes(8),
                DataSize.ofMegabytes(12),
                DataSize.ofGigabytes(4),
                640,
                Duration.ofMinutes(10),
                Duration.ofSeconds(15),
                Duration.ofHours(24),
                Duration.ofSeconds(30),
                new WindowLimits(2000, 64, DataSize.ofMegabytes(16), Duration.ofMillis(400))));
  }

  @ParameterizedTest
  @CsvSource({
    "document, 0B, document and line must be positive",
    "line, 1MB, a line at least as large as a document",
    "line, 3GB, below 2 GB",
    "seal-wait, -1s, seal-wait must not be negative",
    "idempotency, 0s, idempotency must be positive",
    "job-takeover, 100ms, job-takeover must be at least PT2S",
    "window.documents, 0, a window needs room for a document",
    "window.images, -1, a window needs room for a document",
    "window.size, 0B, a window needs room for a document",
    "window.age, -1ms, a window needs room for a document",
  })
  void refusesWhatCannotWork(String key, String value, String reason) {
    assertThatThrownBy(() -> bind(Map.of("millrace.data." + key, value)))
        .rootCause()
        .hasMessageContaining(reason);
  }

  private static DataProperties bind(Map<String, String> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("millrace.data", DataProperties.class);
  }
}
