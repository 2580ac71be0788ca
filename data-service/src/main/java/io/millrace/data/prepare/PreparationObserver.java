package io.millrace.data.prepare;

import java.time.Duration;

/** Told of committed windows, for metrics; counts that must be exact are read from the log. */
@FunctionalInterface
public interface PreparationObserver {
  /** A window was committed. */
  void windowCommitted(String dataset, Progress before, Progress after, Duration duration);
}
