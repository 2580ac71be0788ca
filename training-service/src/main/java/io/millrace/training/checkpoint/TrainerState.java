package io.millrace.training.checkpoint;

import io.millrace.training.stream.StreamPosition;
import java.util.Map;

/**
 * What a run needs beside the task's files to go on exactly: {@code trainer_state.json}.
 *
 * @param format version of this file
 * @param runId whose
 * @param dataset that it learns from
 * @param snapshot of the dataset
 * @param snapshotSha256 digest of the snapshot
 * @param step steps learned
 * @param position of the stream after the last record learned
 * @param firstLoss of the first step
 * @param lastLoss of the last step
 * @param items tokens or images learned
 * @param trainSeconds spent on steps, waiting for data included
 * @param waitSeconds spent waiting for data
 * @param device that computed
 * @param threads of an operation; another number may round sums otherwise
 * @param metrics figures by name
 */
public record TrainerState(
    int format,
    String runId,
    String dataset,
    int snapshot,
    String snapshotSha256,
    long step,
    StreamPosition position,
    double firstLoss,
    double lastLoss,
    long items,
    double trainSeconds,
    double waitSeconds,
    String device,
    int threads,
    Map<String, Double> metrics) {
  /** The only version there is. */
  public static final int FORMAT = 1;

  static final String FILE = "trainer_state.json";

  /** Copies the metrics. */
  public TrainerState {
    metrics = Map.copyOf(metrics);
  }
}
