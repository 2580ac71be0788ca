package io.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** Every default and every key. */
class TrainingPropertiesTest {

  @Test
  void hasTheseDefaults() {
    assertThat(bind(Map.of()))
        .isEqualTo(
            new TrainingProperties(
                "",
                1,
                10,
                new TrainingProperties.LeaseSettings(
                    Duration.ofSeconds(8), Duration.ofSeconds(1), Duration.ofMillis(500)),
                new TrainingProperties.Stream(4, DataSize.ofMegabytes(256)),
                new TrainingProperties.ProgressSettings(
                    Duration.ofMillis(500), Duration.ofSeconds(2)),
                new TrainingProperties.Evaluation(32, 1024),
                new TrainingProperties.Schedule(0.05, 1000, 0.1, 0.2),
                Map.of()));
  }

  @Test
  void hasTheseKeys() {
    assertThat(
            bind(
                Map.ofEntries(
                    Map.entry("instance", "a-1"),
                    Map.entry("concurrent-runs", "2"),
                    Map.entry("max-stalled-attempts", "3"),
                    Map.entry("lease.duration", "9s"),
                    Map.entry("lease.heartbeat", "2s"),
                    Map.entry("lease.poll", "3s"),
                    Map.entry("stream.prefetch-batches", "5"),
                    Map.entry("stream.prefetch-size", "6MB"),
                    Map.entry("progress.period", "4s"),
                    Map.entry("progress.event-period", "5s"),
                    Map.entry("evaluation.records-at-checkpoint", "6"),
                    Map.entry("evaluation.records-at-end", "7"),
                    Map.entry("schedule.warmup-share", "0.2"),
                    Map.entry("schedule.warmup-most-steps", "8"),
                    Map.entry("schedule.floor-share", "0.3"),
                    Map.entry("schedule.decay-share", "0.4"),
                    Map.entry("presets.mine.task", "language"),
                    Map.entry("presets.mine.config", "folder"),
                    Map.entry("presets.mine.batch-size", "9"),
                    Map.entry("presets.mine.learning-rate", "0.4"))))
        .isEqualTo(
            new TrainingProperties(
                "a-1",
                2,
                3,
                new TrainingProperties.LeaseSettings(
                    Duration.ofSeconds(9), Duration.ofSeconds(2), Duration.ofSeconds(3)),
                new TrainingProperties.Stream(5, DataSize.ofMegabytes(6)),
                new TrainingProperties.ProgressSettings(
                    Duration.ofSeconds(4), Duration.ofSeconds(5)),
                new TrainingProperties.Evaluation(6, 7),
                new TrainingProperties.Schedule(0.2, 8, 0.3, 0.4),
                Map.of(
                    "mine",
                    new TrainingProperties.CustomPreset("language", Path.of("folder"), 9, 0.4))));
  }

  @Test
  void wantsSeveralHeartbeatsInALease() {
    assertThat(lease("3s", "1s").isRenewedInTime()).isTrue();
    assertThat(lease("2999ms", "1s").isRenewedInTime()).isFalse();
    assertThat(lease("3s", "0s").isRenewedInTime()).isFalse();
  }

  @Test
  void wantsTheFolderOfAPreset() {
    try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
      assertThat(validators.getValidator().validate(bind(Map.of("presets.mine.task", "language"))))
          .extracting(violation -> violation.getPropertyPath().toString())
          .containsExactly("presets[mine].config");
    }
  }

  private static TrainingProperties.LeaseSettings lease(String duration, String heartbeat) {
    return bind(Map.of("lease.duration", duration, "lease.heartbeat", heartbeat)).lease();
  }

  private static TrainingProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("", Bindable.of(TrainingProperties.class));
  }
}
