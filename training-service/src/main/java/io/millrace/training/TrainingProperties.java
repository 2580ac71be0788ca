package io.millrace.training;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the training service, prefix {@code millrace.training}.
 *
 * @param instance name that no other trainer has at the same time; with it, a trainer that comes
 *     back after a crash goes on with its runs at once instead of waiting for their leases to
 *     expire; empty: none
 * @param concurrentRuns how many runs at a time
 * @param maxStalledAttempts a run that was taken up so often since its last checkpoint, each time
 *     without an orderly end, has failed
 * @param lease who works on a run
 * @param stream reading
 * @param progress reporting
 * @param evaluation on held-out records
 * @param schedule of the learning rate
 * @param presets model configurations beside the built-in ones, by name
 */
@Validated
@ConfigurationProperties("millrace.training")
public record TrainingProperties(
    @Pattern(regexp = "[A-Za-z0-9._-]{0,100}") @DefaultValue("") String instance,
    @Min(1) @Max(64) @DefaultValue("1") int concurrentRuns,
    @Min(1) @DefaultValue("10") int maxStalledAttempts,
    @Valid @DefaultValue LeaseSettings lease,
    @Valid @DefaultValue Stream stream,
    @Valid @DefaultValue ProgressSettings progress,
    @Valid @DefaultValue Evaluation evaluation,
    @Valid @DefaultValue Schedule schedule,
    @DefaultValue Map<String, @Valid CustomPreset> presets) {

  /**
   * Leases.
   *
   * @param duration after which a run whose trainer is silent may be taken over
   * @param heartbeat between renewals
   * @param poll between looks for a run, when there is a free place
   */
  public record LeaseSettings(
      @DefaultValue("8s") Duration duration,
      @DefaultValue("1s") Duration heartbeat,
      @DefaultValue("500ms") Duration poll) {

    /** Whether several heartbeats fit into a lease. */
    @AssertTrue(message = "lease.duration must be at least 3 times lease.heartbeat")
    public boolean isRenewedInTime() {
      return duration.compareTo(heartbeat.multipliedBy(3)) >= 0 && heartbeat.isPositive();
    }
  }

  /**
   * Reading.
   *
   * @param prefetchBatches decoded batches that wait for the trainer, beside those of the next step
   * @param prefetchSize of the records of all batches that wait, at most
   */
  public record Stream(
      @Min(1) @Max(256) @DefaultValue("4") int prefetchBatches,
      @DefaultValue("256MB") DataSize prefetchSize) {}

  /**
   * Reporting.
   *
   * @param period between updates of a run's progress
   * @param eventPeriod between events about it
   */
  public record ProgressSettings(
      @DefaultValue("500ms") Duration period, @DefaultValue("2s") Duration eventPeriod) {}

  /**
   * Evaluation on held-out records.
   *
   * @param recordsAtCheckpoint at most so many at a checkpoint on the way
   * @param recordsAtEnd at most so many at the end
   */
  public record Evaluation(
      @Min(0) @DefaultValue("32") int recordsAtCheckpoint,
      @Min(0) @DefaultValue("1024") int recordsAtEnd) {}

  /**
   * What schedules of the learning rate have in common.
   *
   * @param warmupShare of the steps
   * @param warmupMostSteps most steps of the warm-up
   * @param floorShare of the peak, which cosine and warmup-stable-decay end with
   * @param decayShare of the steps, in which warmup-stable-decay goes down at the end
   */
  public record Schedule(
      @DecimalMin("0") @DecimalMax("1") @DefaultValue("0.05") double warmupShare,
      @Min(0) @DefaultValue("1000") long warmupMostSteps,
      @DecimalMin("0") @DecimalMax("1") @DefaultValue("0.1") double floorShare,
      @DecimalMin("0") @DecimalMax("1") @DefaultValue("0.2") double decayShare) {}

  /**
   * A model configuration of one's own.
   *
   * @param task {@code language} or {@code detection}
   * @param config folder of the file with the task's configuration; what depends on the dataset
   *     (vocabulary, classes, picture size) is taken from there instead
   * @param batchSize default of its runs
   * @param learningRate default of its runs
   */
  public record CustomPreset(
      @NotBlank String task,
      @NotNull Path config,
      @Min(1) @Max(4096) @DefaultValue("8") int batchSize,
      @DecimalMin(value = "0", inclusive = false) @DecimalMax("1") @DefaultValue("0.001")
          double learningRate) {}
}
