package io.millrace.standalone.terminal;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * One line of progress: a bar, the share done, the time left and whatever the caller adds.
 *
 * <p>In a terminal the line is rewritten in place; elsewhere (a log, a pipe) a new line appears at
 * most every five seconds, so that nothing but text reaches a file.
 */
public final class ProgressBar implements AutoCloseable {

  private static final int WIDTH = 24;
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

  private final PrintStream out;
  private final String label;
  private final boolean interactive;
  private final Clock clock;
  private final Instant start;
  private Instant lastPrinted = Instant.MIN;
  private String lastLine = "";
  private boolean dirty;

  /** A bar that starts now. */
  public ProgressBar(PrintStream out, String label, boolean interactive, Clock clock) {
    this.out = out;
    this.label = label;
    this.interactive = interactive;
    this.clock = clock;
    this.start = clock.instant();
  }

  /** A bar on standard output. */
  public static ProgressBar of(String label) {
    return new ProgressBar(
        System.out,
        label,
        System.console() != null && System.console().isTerminal(),
        Clock.systemUTC());
  }

  /** Shows {@code done} of {@code total} with the time left at the average speed so far. */
  public void update(double done, double total, String details) {
    double share = total > 0 ? Math.min(1, done / total) : 0;
    Duration elapsed = Duration.between(start, clock.instant());
    Duration left =
        share > 0
            ? Duration.ofMillis((long) (elapsed.toMillis() * (1 - share) / share))
            : Duration.ZERO;
    update(share, left, details);
  }

  /** Shows a share from 0 to 1 with a time left that the caller knows. */
  public void update(double share, Duration left, String details) {
    int filled = (int) Math.round(share * WIDTH);
    String line =
        "%-12s [%s%s] %3.0f %%  %s left  %s"
            .formatted(
                label,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                100 * share,
                clockTime(left),
                details);
    show(line);
  }

  private void show(String line) {
    Instant now = clock.instant();
    if (interactive) {
      String padding = " ".repeat(Math.max(0, lastLine.length() - line.length()));
      out.print("\r" + line + padding);
      out.flush();
      lastLine = line;
      dirty = true;
    } else {
      lastLine = line;
      dirty = true;
      if (lastPrinted.equals(Instant.MIN)
          || Duration.between(lastPrinted, now).compareTo(LOG_INTERVAL) >= 0) {
        out.println(line);
        lastPrinted = now;
        dirty = false;
      }
    }
  }

  /** Ends the line; elsewhere than in a terminal the last state is printed if it was not yet. */
  @Override
  public void close() {
    if (interactive && dirty) {
      out.println();
    } else if (dirty) {
      out.println(lastLine);
    }
    dirty = false;
  }

  private static String clockTime(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    return seconds >= 3600
        ? "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60)
        : "%d:%02d".formatted(seconds / 60, seconds % 60);
  }
}
