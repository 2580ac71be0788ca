package io.millrace.platform.registry;

import java.time.Instant;
import java.util.Map;

/**
 * A published checkpoint.
 *
 * @param model its name
 * @param version from 1, one more with every checkpoint of the model
 * @param task {@code language} or {@code detection}
 * @param runId the run that made it
 * @param fencingToken of the lease under which the run was working; grows with every takeover
 * @param step of the run
 * @param location object-store prefix of its files, without a slash at the end
 * @param manifestSha256 SHA-256 of its manifest.json, hexadecimal
 * @param bytes of its files; 0: not known
 * @param metrics figures by name
 * @param createdAt when it was published
 */
public record ModelVersion(
    String model,
    int version,
    String task,
    String runId,
    long fencingToken,
    long step,
    String location,
    String manifestSha256,
    long bytes,
    Map<String, Double> metrics,
    Instant createdAt) {

  /** A version of unknown size. */
  public ModelVersion(
      String model,
      int version,
      String task,
      String runId,
      long fencingToken,
      long step,
      String location,
      String manifestSha256,
      Map<String, Double> metrics,
      Instant createdAt) {
    this(
        model,
        version,
        task,
        runId,
        fencingToken,
        step,
        location,
        manifestSha256,
        /* bytes= */ 0,
        metrics,
        createdAt);
  }

  /** Copies the metrics. */
  public ModelVersion {
    metrics = Map.copyOf(metrics);
  }
}
