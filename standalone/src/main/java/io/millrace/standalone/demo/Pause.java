package io.millrace.standalone.demo;

import java.time.Duration;

/** Waiting between two looks at something that has no event to wait for. */
final class Pause {

  private Pause() {}

  static void of(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StageFailure("waiting", "interrupted");
    }
  }
}
