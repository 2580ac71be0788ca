package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What follows a convolution. */
public enum Norm {
  /** Group normalisation (Wu and He 2018, arXiv 1803.08494): the same for batches of any size. */
  @JsonProperty("group")
  GROUP,
  /** Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167). */
  @JsonProperty("batch")
  BATCH,
  /**
   * Batch normalisation whose statistics stay as they came, such as those of pretrained weights.
   */
  @JsonProperty("frozen_batch")
  FROZEN_BATCH,
  /** Nothing but a bias. */
  @JsonProperty("none")
  NONE;

  /** Whether there are running statistics. */
  boolean hasStatistics() {
    return this == BATCH || this == FROZEN_BATCH;
  }
}
