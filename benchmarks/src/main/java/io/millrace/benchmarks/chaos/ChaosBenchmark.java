package io.millrace.benchmarks.chaos;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.LaunchedPlatform;
import io.millrace.benchmarks.served.ServedPlatform;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Kills a platform again and again while documents come by its API and by Kafka and runs learn;
 * then counts the documents, and learns each run's weights once more without a kill.
 */
public final class ChaosBenchmark implements Benchmark {
  private static final int KILLS = 50;
  private static final int DOCUMENTS = 100_000;
  private static final int FIRST_DOCUMENTS = 400;
  private static final double API_SHARE = 0.6;
  private static final int STEPS = 400;
  private static final String DATASET = "chaos";
  private static final long LIFE_LEAST_MILLIS = 1_500;
  private static final int LIFE_SPREAD_MILLIS = 5_000;

  @Override
  public String name() {
    return "chaos";
  }

  @Override
  public String description() {
    return "chaos [KILLS [DOCUMENTS]]: documents lost or taken twice, and runs that end otherwise, under kill -9; default 50 100000";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    int kills = arguments.isEmpty() ? KILLS : Integer.parseInt(arguments.getFirst());
    int documents = arguments.size() < 2 ? DOCUMENTS : Integer.parseInt(arguments.get(1));
    try (LaunchedPlatform platform = LaunchedPlatform.temporary("chaos")) {
      ServedPlatform served = platform.client();
      begin(served);
      String disturbed = learn(served, "disturbed");
      feedAndKill(platform, served, kills, documents, out);
      served.await("/api/runs/" + disturbed, body -> body.path("state").asString(), "succeeded");
      String calm = learn(served, "calm");
      JsonNode snapshot = served.post("/api/datasets/" + DATASET + "/snapshots", Map.of());
      served.await("/api/runs/" + calm, body -> body.path("state").asString(), "succeeded");
      judge(snapshot.path("counts"), FIRST_DOCUMENTS + documents, out);
      boolean equal =
          weights(platform.objects(), "disturbed").equals(weights(platform.objects(), "calm"));
      out.printf(
          "run of %d steps under the kills: weights %s%n", STEPS, equal ? "equal" : "DIFFER");
      if (!equal) {
        throw new IOException("the run that was disturbed ended with other weights");
      }
    }
  }

  private static void begin(ServedPlatform served) throws IOException, InterruptedException {
    String path = "/api/datasets/" + DATASET;
    served.post(
        "/api/datasets",
        Map.of(
            "name",
            DATASET,
            "kind",
            "text",
            "pack_length",
            128,
            "plain_values",
            "text",
            // So that a document that came twice is one that was rejected.
            "duplicate_ids",
            "reject"));
    String lines =
        IntStream.range(0, FIRST_DOCUMENTS)
            .mapToObj(i -> "{\"id\": \"first-%d\", \"text\": \"%s\"}%n".formatted(i, Feed.text(i)))
            .collect(Collectors.joining());
    served.post(path + "/documents", "application/x-ndjson", lines);
    served.post(path + "/tokenizer", Map.of("train", Map.of("vocab_size", 400)));
    served.await(path, body -> body.at("/tokenizer/state").asString(), "ready");
    served.post(path + "/snapshots", Map.of());
  }

  private static String learn(ServedPlatform served, String model)
      throws IOException, InterruptedException {
    return served
        .post(
            "/api/runs",
            Map.of(
                "model",
                model,
                "task",
                "language",
                "dataset",
                DATASET,
                "snapshot",
                1,
                "preset",
                "nano",
                "steps",
                STEPS,
                "batch_size",
                2,
                "checkpoint_every",
                10))
        .path("id")
        .asString();
  }

  private static void feedAndKill(
      LaunchedPlatform platform, ServedPlatform served, int kills, int documents, PrintStream out)
      throws Exception {
    Feed feed = new Feed(DATASET);
    Feed.Pace pace = new Feed.Pace(kills);
    int byApi = (int) (documents * API_SHARE);
    Random random = new Random(1);
    ExecutorService feeders = Executors.newVirtualThreadPerTaskExecutor();
    try {
      Future<?> uploads =
          feeders.submit(() -> {
            feed.upload(served, 0, byApi, pace);
            return null;
          });
      Future<?> records =
          feeders.submit(() -> {
            feed.produce(producerSettings(platform), byApi, documents, pace);
            return null;
          });
      for (int kill = 1; kill <= kills; kill++) {
        Thread.sleep(LIFE_LEAST_MILLIS + random.nextInt(LIFE_SPREAD_MILLIS));
        double seconds = platform.killAndStart();
        pace.next();
        out.printf("kill %d of %d: up again after %.1f s%n", kill, kills, seconds);
      }
      uploads.get();
      records.get();
    } finally {
      // Those who feed a platform that could not start again would wait for ever.
      feeders.shutdownNow();
    }
  }

  private static Properties producerSettings(LaunchedPlatform platform) throws IOException {
    Properties settings = new Properties();
    try (var file = Files.newBufferedReader(platform.producerSettings())) {
      settings.load(file);
    }
    settings.put("bootstrap.servers", platform.kafka());
    return settings;
  }

  private static void judge(JsonNode counts, int wanted, PrintStream out) throws IOException {
    long prepared = counts.path("prepared").asLong();
    long twice = counts.path("rejected").asLong();
    out.printf(
        "%d documents sent, %d prepared: %d lost, %d twice%n",
        wanted, prepared, wanted - prepared, twice);
    if (prepared != wanted || twice != 0) {
      throw new IOException("documents were lost or came twice: " + counts);
    }
  }

  /** The digest of the weights of a model's last step, as its manifest has it. */
  private static String weights(Path objects, String model) throws IOException {
    try (Stream<Path> files = Files.walk(objects.resolve("models").resolve(model))) {
      Path manifest =
          files
              .filter(file -> file.endsWith("manifest.json"))
              .filter(file -> step(file) == STEPS)
              .findFirst()
              .orElseThrow(() -> new IOException(model + " has no checkpoint of the last step"));
      for (JsonNode file : JsonMapper.shared().readTree(manifest.toFile()).path("files")) {
        if (file.path("name").asString().equals("model.safetensors")) {
          return file.path("sha256").asString();
        }
      }
      throw new IOException(manifest + " names no model.safetensors");
    }
  }

  private static int step(Path manifest) {
    // models/NAME/RUN/STEP-TOKEN/manifest.json
    String folder = manifest.getName(manifest.getNameCount() - 2).toString();
    return Integer.parseInt(folder.substring(0, folder.indexOf('-')));
  }
}
