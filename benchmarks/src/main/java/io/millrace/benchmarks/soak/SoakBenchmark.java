package io.millrace.benchmarks.soak;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.LaunchedPlatform;
import io.millrace.benchmarks.served.ServedPlatform;
import io.millrace.benchmarks.served.ServedScenes;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Uploads, runs, swaps, completions, aborts and detections side by side for a while. */
public final class SoakBenchmark implements Benchmark {
  private static final double MINUTES = 60;
  private static final String STORIES = "stories";
  private static final int SIDE = 160;
  private static final int PICTURES = 16;

  /** Slowness is no error: other programs may use the machine. */
  private static final Duration RUN_TIMEOUT = Duration.ofMinutes(30);

  private static final Duration COUNT_EVERY = Duration.ofSeconds(15);

  private final AtomicInteger document = new AtomicInteger();
  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String description() {
    return "soak [MINUTES]: errors, threads, files and memory of a platform under mixed work; default 60";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    double minutes = arguments.isEmpty() ? MINUTES : Double.parseDouble(arguments.getFirst());
    try (LaunchedPlatform platform = LaunchedPlatform.temporary("soak")) {
      ServedPlatform served = platform.client();
      ServedScenes scenes = new ServedScenes(platform.address(), platform.apiKey());
      List<byte[]> pictures = trainDetector(scenes);
      begin(served);
      List<Activity> activities = activities(served, scenes, pictures);
      work(activities, new Census(platform.pid()), minutes, out);
      activities.forEach(activity -> out.println(activity.told()));
      long failures = activities.stream().mapToLong(Activity::failures).sum();
      if (failures > 0) {
        throw new IOException(failures + " failed");
      }
    }
  }

  private List<Activity> activities(
      ServedPlatform served, ServedScenes scenes, List<byte[]> pictures) {
    AtomicInteger picture = new AtomicInteger();
    return List.of(
        new Activity("uploads", Duration.ofMillis(200), () -> upload(served)),
        new Activity("runs", Duration.ofSeconds(2), () -> learn(served)),
        new Activity("completions", Duration.ofMillis(50), () -> complete(served)),
        new Activity("aborts", Duration.ofMillis(200), () -> abort(served)),
        new Activity(
            "detections",
            Duration.ofMillis(50),
            () -> scenes.detect(pictures.get(picture.getAndIncrement() % pictures.size()))));
  }

  private static void work(
      List<Activity> activities, Census census, double minutes, PrintStream out) throws Exception {
    long begin = System.nanoTime();
    long end = begin + (long) (minutes * 60e9);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Activity activity : activities) {
        clients.submit(() -> {
          activity.until(end);
          return null;
        });
      }
      while (System.nanoTime() < end) {
        Census.Count count = census.take((System.nanoTime() - begin) / 60e9);
        out.printf(
            "%.1f of %.0f min: %.0f threads, %.0f files, %.0f MB; %s%n",
            count.minutes(),
            minutes,
            count.threads(),
            count.files(),
            count.megabytes(),
            activities.stream().map(Activity::told).collect(Collectors.joining("; ")));
        Thread.sleep(COUNT_EVERY);
      }
    }
    census.report(out);
  }

  private static List<byte[]> trainDetector(ServedScenes served)
      throws IOException, InterruptedException {
    List<Scene> scenes = new ArrayList<>();
    List<byte[]> files = new ArrayList<>();
    SceneRenderer renderer = new SceneRenderer(SIDE, SIDE, 1);
    for (int i = 0; i < PICTURES; i++) {
      scenes.add(renderer.render(i));
      files.add(ServedScenes.jpeg(scenes.getLast()));
    }
    served.train("nano", scenes, files);
    return files;
  }

  private void begin(ServedPlatform served) throws IOException, InterruptedException {
    String path = "/api/datasets/" + STORIES;
    served.post("/api/datasets", Map.of("name", STORIES, "kind", "text", "pack_length", 128));
    for (int i = 0; i < 20; i++) {
      upload(served);
    }
    served.post(path + "/tokenizer", Map.of("train", Map.of("vocab_size", 400)));
    served.await(path, body -> body.at("/tokenizer/state").asString(), "ready");
    learn(served);
    served.await("/api/models/" + STORIES, body -> body.path("state").asString(), "serving");
  }

  private void upload(ServedPlatform served) throws IOException, InterruptedException {
    String lines =
        IntStream.range(0, 20)
            .map(_ -> document.getAndIncrement())
            .mapToObj(i ->
                "{\"id\": \"d%d\", \"text\": \"The mill of day %d turns %d stones by the river.\"}%n"
                    .formatted(i, i, i * 7919 % 1009))
            .collect(Collectors.joining());
    served.post("/api/datasets/" + STORIES + "/documents", "application/x-ndjson", lines);
  }

  /** A run of three versions, which are swapped in one after another. */
  private static void learn(ServedPlatform served) throws IOException, InterruptedException {
    JsonNode snapshot = served.post("/api/datasets/" + STORIES + "/snapshots", Map.of());
    JsonNode run =
        served.post(
            "/api/runs",
            Map.of(
                "model",
                STORIES,
                "task",
                "language",
                "dataset",
                STORIES,
                "snapshot",
                snapshot.path("version").asInt(),
                "preset",
                "nano",
                "steps",
                12,
                "batch_size",
                2,
                "checkpoint_every",
                4,
                "replace",
                true));
    served.await(
        "/api/runs/" + run.path("id").asString(),
        body -> body.path("state").asString(),
        "succeeded",
        RUN_TIMEOUT);
  }

  private static void complete(ServedPlatform served) throws IOException, InterruptedException {
    JsonNode answer =
        served.post(
            "/v1/completions", Map.of("model", STORIES, "prompt", "The mill", "max_tokens", 16));
    if (answer.at("/choices/0/text").isMissingNode()) {
      throw new IOException("no completion: " + answer);
    }
  }

  /** Reads the beginning of a stream and leaves. */
  private void abort(ServedPlatform served) throws IOException, InterruptedException {
    String body =
        JsonMapper.shared()
            .writeValueAsString(
                Map.of("model", STORIES, "prompt", "The mill", "max_tokens", 200, "stream", true));
    HttpResponse<InputStream> answer =
        http.send(
            served
                .request("/v1/completions")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofInputStream());
    try (InputStream stream = answer.body()) {
      if (answer.statusCode() != 200 || stream.read() < 0) {
        throw new IOException("no stream: " + answer.statusCode());
      }
    }
  }
}
