package io.millrace.benchmarks.rest;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.LaunchedPlatform;
import io.millrace.benchmarks.served.ProcessCounts;
import io.millrace.benchmarks.served.ServedPlatform;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What datasets cost in which nothing comes: threads, and a share of a core. */
public final class IdleBenchmark implements Benchmark {
  private static final int DATASETS = 200;

  /** Longer than a partition has to be idle before its worker goes, whatever else still starts. */
  private static final Duration SETTLE = Duration.ofSeconds(75);

  private static final Duration MEASURE = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String description() {
    return "idle [N]: threads and processor time that N datasets cost in which nothing comes; default 200";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    int datasets = arguments.isEmpty() ? DATASETS : Integer.parseInt(arguments.getFirst());
    try (LaunchedPlatform platform = LaunchedPlatform.temporary("idle")) {
      ServedPlatform served = platform.client();
      ProcessCounts process = new ProcessCounts(platform.pid());
      fill(served, "first");
      Cost before = settled(process);
      out.printf("1 dataset: %s%n", before);
      for (int i = 1; i < datasets; i++) {
        fill(served, "more-" + i);
      }
      out.printf("%d datasets, just filled: %d threads%n", datasets, process.threads());
      Cost after = settled(process);
      out.printf("%d datasets: %s%n", datasets, after);
      out.printf(
          "the %d more cost %d threads, %d files, %.1f %% of a core%n",
          datasets - 1,
          after.threads - before.threads,
          after.files - before.files,
          100 * (after.cores - before.cores));
    }
  }

  /** What a process holds, and how many cores it keeps busy. */
  private record Cost(int threads, int files, double cores, double megabytes) {
    @Override
    public String toString() {
      return "%d threads, %d files, %.1f %% of a core, %.0f MB"
          .formatted(threads, files, 100 * cores, megabytes);
    }
  }

  private static Cost settled(ProcessCounts process) throws IOException, InterruptedException {
    Thread.sleep(SETTLE);
    double used = process.processorSeconds();
    long begin = System.nanoTime();
    Thread.sleep(MEASURE);
    double cores = (process.processorSeconds() - used) / ((System.nanoTime() - begin) / 1e9);
    return new Cost(process.threads(), process.files(), cores, process.megabytes());
  }

  /** A dataset that has prepared a document. */
  private static void fill(ServedPlatform served, String name)
      throws IOException, InterruptedException {
    String path = "/api/datasets/" + name;
    served.post(
        "/api/datasets",
        Map.of(
            "name", name, "kind", "rows", "columns", List.of("x"), "classes", List.of("a", "b")));
    served.post(
        path + "/documents",
        "application/x-ndjson",
        "{\"id\": \"r\", \"x\": 1, \"label\": \"a\"}\n");
    served.await(path, body -> body.at("/counts/prepared").asString(), "1");
  }
}
