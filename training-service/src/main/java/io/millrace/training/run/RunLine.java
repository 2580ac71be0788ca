package io.millrace.training.run;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A run as one line for people: when, where it is, how fast, and how long it takes. */
final class RunLine {
  private RunLine() {}

  /**
   * The line, without an end.
   *
   * @param waiting why it waits, while it is queued
   * @param items what its rate counts, in the plural
   */
  static String of(Run run, @Nullable Waiting waiting, String items, Clock clock) {
    String what =
        switch (run.state()) {
          case QUEUED -> waiting == null ? "queued" : queued(waiting);
          case RUNNING -> "running: " + progress(run, items);
          case PAUSED -> "paused: " + ended(run);
          case SUCCEEDED -> "succeeded: " + ended(run);
          case FAILED -> "failed: %s: %s".formatted(ended(run), run.error());
          case CANCELLED -> "cancelled: " + ended(run);
        };
    return at(clock, what);
  }

  /** What is so now as one line; a reason may have lines of its own. */
  static String at(Clock clock, String what) {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + what.replaceAll("\\R", " ");
  }

  private static String queued(Waiting waiting) {
    return "queued at place %d: %s".formatted(waiting.place(), waiting.reason());
  }

  private static String progress(Run run, String items) {
    Progress progress = run.progress();
    List<String> parts = new ArrayList<>();
    if (run.attempts() > 1) {
      parts.add("attempt " + run.attempts());
    }
    parts.add(steps(run));
    if (progress.step() > 0) {
      parts.add(loss(progress));
      parts.add(String.format(Locale.ROOT, "%,.0f %s/s", progress.rate(), items));
      parts.add(duration(progress.secondsLeft()) + " left");
    }
    if (progress.latestVersion() > 0) {
      parts.add("version " + progress.latestVersion());
    }
    if (run.cancelRequested()) {
      parts.add("to be cancelled");
    }
    if (run.pauseRequested()) {
      parts.add("to be paused");
    }
    return String.join(", ", parts);
  }

  private static String ended(Run run) {
    Progress progress = run.progress();
    List<String> parts = new ArrayList<>(List.of(steps(run)));
    if (progress.step() > 0) {
      parts.add(loss(progress));
    }
    parts.add(
        progress.latestVersion() == 0
            ? "no version published"
            : "version %d published".formatted(progress.latestVersion()));
    Instant finished = run.finishedAt();
    if (finished != null) {
      parts.add(duration(Duration.between(run.createdAt(), finished).toMillis() / 1e3) + " in all");
    }
    return String.join(", ", parts);
  }

  private static String steps(Run run) {
    long step = run.progress().step();
    long steps = run.request().steps();
    return "step %d of %d (%d %%)".formatted(step, steps, 100 * step / steps);
  }

  private static String loss(Progress progress) {
    return String.format(Locale.ROOT, "loss %.4g", progress.loss());
  }

  private static String duration(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + " s";
  }
}
