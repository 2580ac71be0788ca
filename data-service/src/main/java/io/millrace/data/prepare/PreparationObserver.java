package io.millrace.data.prepare;

import io.millrace.data.log.PartitionProgress;
import java.time.Duration;

/** Told of committed windows, for metrics; counts that must be exact are read from the log. */
@FunctionalInterface
public interface PreparationObserver {
  /** A window was committed. */
  void windowCommitted(
      String dataset, PartitionProgress before, PartitionProgress after, Duration duration);
}
