package io.millrace.platform.checkpoint;

import java.util.Map;

/**
 * A checkpoint whose files are stored and which is to become the next version of a model.
 *
 * @param model its name
 * @param task {@code language} or {@code detection}
 * @param runId the run that made it
 * @param fencingToken of the lease under which the run was working
 * @param step of the run
 * @param location object-store prefix of its files
 * @param manifestSha256 SHA-256 of its manifest
 * @param bytes of its files
 * @param metrics figures by name
 */
public record StoredCheckpoint(
    String model,
    String task,
    String runId,
    long fencingToken,
    long step,
    String location,
    String manifestSha256,
    long bytes,
    Map<String, Double> metrics) {

  /** Copies the metrics. */
  public StoredCheckpoint {
    metrics = Map.copyOf(metrics);
  }
}
