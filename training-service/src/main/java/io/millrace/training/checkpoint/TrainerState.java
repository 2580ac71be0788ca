package io.millrace.training.checkpoint;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.training.stream.StreamPosition;
import java.util.Map;

/**
 * What a run needs beside the task's files to resume exactly: {@code trainer_state.json}, where all
 * of it lies side by side.
 *
 * @param format version of this file
 * @param origin what learns from what
 * @param position how far it is
 * @param meter what was measured up to there
 */
public record TrainerState(
    int format,
    @JsonUnwrapped Origin origin,
    @JsonUnwrapped Position position,
    @JsonUnwrapped Meter meter) {
  /** The only version there is. */
  public static final int FORMAT = 1;

  /** A state in the present format. */
  public TrainerState(Origin origin, Position position, Meter meter) {
    this(FORMAT, origin, position, meter);
  }

  /** The same position and measurements, resumed elsewhere. */
  public TrainerState with(Origin other) {
    return new TrainerState(format, other, position, meter);
  }

  /**
   * What learns from what, and where.
   *
   * @param runId whose state it is
   * @param dataset that it learns from
   * @param snapshot of the dataset
   * @param snapshotSha256 digest of the snapshot
   * @param device that computed
   * @param threads of an operation; another number may round sums otherwise
   */
  public record Origin(
      String runId,
      String dataset,
      int snapshot,
      String snapshotSha256,
      String device,
      int threads) {}

  /**
   * How far a run is.
   *
   * @param step steps learned
   * @param stream after the last record learned
   */
  public record Position(long step, @JsonProperty("position") StreamPosition stream) {

    /** Before the first step. */
    public static Position start(SnapshotEntry snapshot) {
      return new Position(0, StreamPosition.start(snapshot.train()));
    }
  }

  /**
   * What was measured.
   *
   * @param firstLoss of the first step
   * @param lastLoss of the last step
   * @param items tokens or images learned
   * @param trainSeconds spent on steps, waiting for data included
   * @param waitSeconds spent waiting for data
   * @param metrics figures by name
   */
  public record Meter(
      double firstLoss,
      double lastLoss,
      long items,
      double trainSeconds,
      double waitSeconds,
      Map<String, Double> metrics) {
    /** Nothing yet. */
    public static final Meter ZERO = new Meter(0, 0, 0, 0, 0, Map.of());

    /** Copies the metrics. */
    public Meter {
      metrics = Map.copyOf(metrics);
    }
  }
}
