package io.millrace.benchmarks.soak;

import io.millrace.benchmarks.served.ProcessCounts;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Counts what a process holds, as Linux tells it, and how fast that grows. */
final class Census {
  private final ProcessCounts process;
  private final List<Count> counts = new ArrayList<>();

  Census(long pid) {
    this.process = new ProcessCounts(pid);
  }

  /**
   * One count.
   *
   * @param minutes since the first
   */
  record Count(double minutes, double threads, double files, double megabytes) {}

  /** Counts now. */
  Count take(double minutes) throws IOException {
    Count count = new Count(minutes, process.threads(), process.files(), process.megabytes());
    counts.add(count);
    return count;
  }

  /** Prints how much it grew in an hour, by the line that fits the second half best. */
  void report(PrintStream out) {
    grows(out, "threads", Count::threads);
    grows(out, "open files", Count::files);
    grows(out, "resident MB", Count::megabytes);
  }

  private void grows(PrintStream out, String what, ToDoubleFunction<Count> value) {
    List<Count> half = counts.subList(counts.size() / 2, counts.size());
    double meanX = half.stream().mapToDouble(Count::minutes).average().orElse(0);
    double meanY = half.stream().mapToDouble(value).average().orElse(0);
    double together = 0;
    double spread = 0;
    for (Count count : half) {
      together += (count.minutes - meanX) * (value.applyAsDouble(count) - meanY);
      spread += (count.minutes - meanX) * (count.minutes - meanX);
    }
    out.printf(
        "%s: %.0f at first, %.0f in the second half, %+.1f an hour there%n",
        what,
        value.applyAsDouble(counts.getFirst()),
        meanY,
        spread == 0 ? 0 : 60 * together / spread);
  }
}
