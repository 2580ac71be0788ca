package io.millrace.data;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the data service, prefix {@code millrace.data}.
 *
 * @param partitions of the topics of a new dataset; order holds inside a partition
 * @param document largest document as it is written to Kafka
 * @param line largest line of a JSONL upload; pictures are a third larger in it
 * @param unpacked most bytes of an upload once gzip, zstd or zip is undone
 * @param pictureSide pixels of the longer side up to which pictures are stored in samples at their
 *     own size; larger ones are scaled down to it. A sample has 3 bytes a pixel
 * @param sealWait how long a snapshot waits for the preparation
 * @param jobTakeover a background job or an upload without a heartbeat for so long is taken over
 * @param idempotency how long an {@code Idempotency-Key} of an upload is remembered
 * @param restAfter how long no document may come before a partition's worker, with its threads and
 *     connections, rests until one does
 * @param window when a window of documents closes
 */
@Validated
@ConfigurationProperties("millrace.data")
public record DataProperties(
    @Min(1) @Max(1024) @DefaultValue("1") int partitions,
    @DefaultValue("8MB") DataSize document,
    @DefaultValue("12MB") DataSize line,
    @DefaultValue("4GB") DataSize unpacked,
    @Min(32) @Max(2048) @DefaultValue("640") int pictureSide,
    @DefaultValue("10m") Duration sealWait,
    @DefaultValue("15s") Duration jobTakeover,
    @DefaultValue("24h") Duration idempotency,
    @DefaultValue("30s") Duration restAfter,
    @DefaultValue WindowLimits window) {

  private static final Duration SHORTEST_TAKEOVER = Duration.ofSeconds(2);

  /** Refuses what cannot work, rather than to fail later. */
  public DataProperties {
    if (document.toBytes() < 1
        || line.compareTo(document) < 0
        || line.toBytes() >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "document and line must be positive, a line at least as large as a document and below 2 GB: %s, %s"
              .formatted(document, line));
    }
    if (sealWait.isNegative() || sealWait.toSeconds() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("seal-wait must not be negative: " + sealWait);
    }
    if (idempotency.isNegative() || idempotency.isZero()) {
      throw new IllegalArgumentException("idempotency must be positive: " + idempotency);
    }
    if (jobTakeover.compareTo(SHORTEST_TAKEOVER) < 0) {
      throw new IllegalArgumentException(
          "job-takeover must be at least %s, several heartbeats: %s"
              .formatted(SHORTEST_TAKEOVER, jobTakeover));
    }
  }
}
