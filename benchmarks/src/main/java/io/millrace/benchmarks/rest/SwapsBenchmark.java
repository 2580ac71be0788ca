package io.millrace.benchmarks.rest;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.LaunchedPlatform;
import io.millrace.benchmarks.served.ProcessCounts;
import io.millrace.benchmarks.served.ServedPlatform;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lets two versions of a model serve in turn while somebody asks, and looks at the memory after
 * each swap.
 */
public final class SwapsBenchmark implements Benchmark {
  private static final int SWAPS = 40;
  private static final String PRESET = "micro";
  private static final String MODEL = "swapped";
  private static final String TEXTS = "texts";

  @Override
  public String name() {
    return "swaps";
  }

  @Override
  public String description() {
    return "swaps [N [PRESET]]: resident memory of a platform after each of N swaps; default 40 micro";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    int swaps = arguments.isEmpty() ? SWAPS : Integer.parseInt(arguments.getFirst());
    String preset = arguments.size() < 2 ? PRESET : arguments.get(1);
    try (LaunchedPlatform platform = LaunchedPlatform.temporary("swaps")) {
      ServedPlatform served = platform.client();
      learn(served, preset);
      ProcessCounts process = new ProcessCounts(platform.pid());
      List<Double> megabytes = new ArrayList<>();
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong answers = new AtomicLong();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<?> asking =
            clients.submit(() -> {
              while (!over.get()) {
                complete(served, 64);
                answers.incrementAndGet();
              }
              return null;
            });
        for (int swap = 1; swap <= swaps; swap++) {
          promote(served, 1 + swap % 2);
          megabytes.add(process.megabytes());
        }
        over.set(true);
        asking.get();
      }
      out.printf(
          "%s, %d swaps beside %d completions: resident %s MB%n",
          preset,
          swaps,
          answers.get(),
          megabytes.stream().map("%.0f"::formatted).collect(Collectors.joining(" ")));
      int half = swaps / 2;
      out.printf(
          "mean of the first half %.0f MB, of the second %.0f MB; the most there was %.0f MB%n",
          mean(megabytes.subList(0, half)),
          mean(megabytes.subList(half, swaps)),
          process.peakMegabytes());
    }
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  /** Two versions that differ in a step. */
  private static void learn(ServedPlatform served, String preset)
      throws IOException, InterruptedException {
    String path = "/api/datasets/" + TEXTS;
    served.post("/api/datasets", Map.of("name", TEXTS, "kind", "text", "pack_length", 128));
    String lines =
        IntStream.range(0, 400)
            .mapToObj(
                i -> "{\"id\": \"d%d\", \"text\": \"Mill %d turns its stones.\"}%n".formatted(i, i))
            .collect(Collectors.joining());
    served.post(path + "/documents", "application/x-ndjson", lines);
    served.post(path + "/tokenizer", Map.of("train", Map.of("vocab_size", 400)));
    served.await(path, body -> body.at("/tokenizer/state").asString(), "ready");
    served.post(path + "/snapshots", Map.of());
    String run =
        served
            .post(
                "/api/runs",
                Map.of(
                    "model",
                    MODEL,
                    "task",
                    "language",
                    "dataset",
                    TEXTS,
                    "preset",
                    preset,
                    "steps",
                    2,
                    "batch_size",
                    1,
                    "checkpoint_every",
                    1))
            .path("id")
            .asString();
    served.await("/api/runs/" + run, body -> body.path("state").asString(), "succeeded");
    promote(served, 2);
  }

  /** Returns when the version serves, alone, and has answered. */
  private static void promote(ServedPlatform served, int version)
      throws IOException, InterruptedException {
    served.post("/api/models/" + MODEL + "/promote", Map.of("version", version));
    served.await(
        "/api/models/" + MODEL,
        body -> body.path("state").asString() + " " + body.path("version").asInt(),
        "serving " + version);
    complete(served, 4);
  }

  private static void complete(ServedPlatform served, int tokens)
      throws IOException, InterruptedException {
    served.post("/v1/completions", Map.of("model", MODEL, "prompt", "Mill", "max_tokens", tokens));
  }
}
