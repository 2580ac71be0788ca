package io.millrace.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waits for conditions, on machines that are many times slower than ours too. */
public final class Waiting {
  /** How long a condition may take to hold: it costs nothing where it holds at once. */
  public static final Duration TIMEOUT = Duration.ofSeconds(120);

  private Waiting() {}

  /** The beginning of a wait. */
  public static ConditionFactory await() {
    return Awaitility.await().atMost(TIMEOUT);
  }
}
