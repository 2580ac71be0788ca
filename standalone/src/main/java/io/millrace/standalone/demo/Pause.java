package io.millrace.standalone.demo;

import io.millrace.standalone.process.ProcessEnd;
import java.time.Duration;

/**
 * Waiting between two looks at something that has no event to wait for; not beyond the end of the
 * process.
 */
final class Pause {

  private Pause() {}

  static void of(Duration duration) {
    try {
      Thread.sleep(duration);
      if (ProcessEnd.isAsked()) {
        throw new StageFailure("waiting", "interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StageFailure("waiting", "interrupted");
    }
  }
}
