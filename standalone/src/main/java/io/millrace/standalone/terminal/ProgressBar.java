package io.millrace.standalone.terminal;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One line of progress: a bar with the share done, the time left and whatever the caller adds.
 *
 * <p>In a terminal the line is rewritten in place and never longer than it is wide: the bar shrinks
 * first, then what the caller named last is left out. Elsewhere (a log, a pipe) a new line appears
 * at most every five seconds, so that nothing but text reaches a file.
 */
public final class ProgressBar implements AutoCloseable {

  /** Width where a line has no end. */
  private static final int UNLIMITED = 1000;

  private static final int BAR = 24;
  private static final String GAP = "  ";
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

  private final PrintStream out;
  private final String label;
  private final boolean interactive;
  private final int width;
  private final Clock clock;
  private final Instant start;
  private Instant lastPrinted = Instant.MIN;
  private String lastLine = "";
  private boolean dirty;

  private ProgressBar(PrintStream out, String label, boolean interactive, int width, Clock clock) {
    this.out = out;
    this.label = label;
    this.interactive = interactive;
    this.width = width;
    this.clock = clock;
    this.start = clock.instant();
  }

  /** A bar in a terminal with so many columns, that starts now. */
  static ProgressBar inTerminal(PrintStream out, String label, int columns, Clock clock) {
    // A character in the last column would make some terminals begin a new line.
    return new ProgressBar(out, label, /* interactive= */ true, columns - 1, clock);
  }

  /** A bar in a file or a pipe, that starts now. */
  static ProgressBar inLog(PrintStream out, String label, Clock clock) {
    return new ProgressBar(out, label, /* interactive= */ false, UNLIMITED, clock);
  }

  /** A bar on standard output. */
  public static ProgressBar of(String label) {
    return System.console() != null && System.console().isTerminal()
        ? inTerminal(System.out, label, TerminalSize.columns(), Clock.systemUTC())
        : inLog(System.out, label, Clock.systemUTC());
  }

  /**
   * Shows {@code done} of {@code total} with the time left at the average speed so far.
   *
   * @param details the most important one first
   */
  public void update(double done, double total, String... details) {
    double share = total > 0 ? Math.min(1, done / total) : 0;
    Duration elapsed = Duration.between(start, clock.instant());
    Duration left =
        share > 0
            ? Duration.ofMillis((long) (elapsed.toMillis() * (1 - share) / share))
            : Duration.ZERO;
    update(share, left, List.of(details));
  }

  /**
   * Shows a share from 0 to 1 with a time left that the caller knows.
   *
   * @param details the most important one first
   */
  public void update(double share, Duration left, List<String> details) {
    show(line(share, " " + clockTime(left) + " left", details));
  }

  private String line(double share, String timeLeft, List<String> details) {
    String percent = "%.0f%%".formatted(100 * share);
    int room = width - label.length() - " []".length() - timeLeft.length();
    StringBuilder kept = new StringBuilder();
    for (String detail : details) {
      if (kept.length() + GAP.length() + detail.length() + percent.length() > room) {
        break;
      }
      kept.append(GAP).append(detail);
    }
    String bar = bar(share, percent, Math.clamp(room - kept.length(), percent.length(), BAR));
    String line = label + " [" + bar + "]" + timeLeft + kept;
    return line.substring(0, Math.min(line.length(), width));
  }

  /** The share as a length, and as a number in its middle. */
  private static String bar(double share, String percent, int length) {
    int filled = (int) Math.round(share * length);
    int begin = (length - percent.length()) / 2;
    String bar = "#".repeat(filled) + ".".repeat(length - filled);
    return bar.substring(0, begin) + percent + bar.substring(begin + percent.length());
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
