package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.ServedPlatform;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Texts a second that an encoder turns into vectors, 32 a time: its forward pass alone in this
 * process, of texts that are tokens already, and through the gateway of a platform that runs in it.
 */
final class EmbedBenchmark implements Benchmark {

  private static final String NAME = "phrases";
  private static final int TEXTS = 32;
  private static final int WORDS = 64;
  private static final int DOCUMENTS = 64;
  private static final int REQUESTS = 100;
  private static final int ROUNDS = 11;

  /** Until the JVM has compiled what a request passes. */
  private static final int WARM_UP_ROUNDS = 8;

  private static final int CLIENTS = 4;
  private static final int PORT = 18_084;
  private static final int GRPC_PORT = 18_085;

  @Override
  public String name() {
    return "embed";
  }

  @Override
  public String description() {
    return "embed [PRESET]: texts a second of an encoder (cpc-text-nano), 32 a request, alone and through the gateway";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    String preset = arguments.isEmpty() ? "cpc-text-nano" : arguments.getFirst();
    Random random = new Random(1);
    List<String> texts = IntStream.range(0, DOCUMENTS).mapToObj(_ -> text(random)).toList();
    Path home = Files.createTempDirectory("millrace-embed");
    try (Platform platform =
        Platform.start(new PlatformSettings(home, PORT, GRPC_PORT, "cpu"), out::println)) {
      ServedPlatform served = new ServedPlatform(platform.address(), platform.apiKey());
      learn(served, preset, texts);
      Path folder = published(home);
      Tokenizer tokenizer = Tokenizer.read(folder.resolve(Tokenizer.FILE));
      TokenBatch batch =
          TokenBatch.of(texts.stream().limit(TEXTS).map(tokenizer::encode).toArray(int[][]::new));
      Rates alone = new Rates();
      Rates through = new Rates();
      try (EncoderModel model = EncoderModel.load(TensorEngine.start("cpu"), folder)) {
        HttpRequest request = request(served, texts.subList(0, TEXTS));
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
          alone(model, batch, new Rates());
          through(served, request, new Rates());
        }
        for (int round = 0; round < ROUNDS; round++) {
          alone(model, batch, alone);
          through(served, request, through);
        }
      }
      out.printf(
          "%s, %d texts of %d tokens: %,.0f texts/s alone, %,.0f through the gateway by %d clients: %.2f times (median of %d rounds, %s)%n",
          preset,
          TEXTS,
          batch.packed().tokens() / TEXTS,
          alone.median(),
          through.median(),
          CLIENTS,
          through.over(alone).median(),
          ROUNDS,
          through.over(alone).range("%.2f"));
    } finally {
      delete(home);
    }
  }

  private static String text(Random random) {
    return IntStream.range(0, WORDS)
        .mapToObj(_ ->
            random
                .ints(2 + random.nextInt(6), 'a', 'a' + 12)
                .mapToObj(Character::toString)
                .collect(Collectors.joining()))
        .collect(Collectors.joining(" "));
  }

  /** Returns when the encoder serves. */
  private static void learn(ServedPlatform served, String preset, List<String> texts)
      throws IOException, InterruptedException {
    served.post("/api/datasets", Map.of("name", NAME, "kind", "text", "pack_length", 1024));
    served.post(
        "/api/datasets/" + NAME + "/documents",
        "application/x-ndjson",
        texts.stream().map(text -> "{\"text\": \"" + text + "\"}\n").collect(Collectors.joining()));
    served.post("/api/datasets/" + NAME + "/tokenizer", Map.of("train", Map.of("vocab_size", 400)));
    served.await("/api/datasets/" + NAME, body -> body.at("/tokenizer/state").asString(), "ready");
    served.post("/api/datasets/" + NAME + "/snapshots", Map.of());
    String run =
        served
            .post(
                "/api/runs",
                Map.of(
                    "model",
                    NAME,
                    "task",
                    "representation",
                    "dataset",
                    NAME,
                    "preset",
                    preset,
                    "steps",
                    4,
                    "batch_size",
                    4,
                    "checkpoint_every",
                    4))
            .path("id")
            .asString();
    served.await("/api/runs/" + run, body -> body.path("state").asString(), "succeeded");
    served.await(
        "/api/models/" + NAME, body -> body.path("version").asInt() > 0 ? "serves" : "", "serves");
  }

  private static Path published(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("objects"))) {
      return files
          .filter(file -> file.endsWith(TrainingFolder.WEIGHTS))
          .map(Path::getParent)
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    }
  }

  private static void alone(EncoderModel model, TokenBatch batch, Rates rates) {
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
    long begin = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      List<float[]> unused = model.encode(batch);
    }
    rates.add(REQUESTS * TEXTS / ((System.nanoTime() - begin) / 1e9));
  }

  /** Written once: what a client does for itself is no cost of the platform. */
  private static HttpRequest request(ServedPlatform served, List<String> texts) {
    Map<String, Object> body = Map.of("model", NAME, "input", texts, "encoding_format", "base64");
    return served
        .request("/v1/embeddings")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(body)))
        .build();
  }

  private static void through(ServedPlatform served, HttpRequest request, Rates rates)
      throws Exception {
    try (ExecutorService all = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<HttpResponse<byte[]>>> waiting = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < REQUESTS; i++) {
        waiting.add(all.submit(() -> served.send(request)));
      }
      for (Future<HttpResponse<byte[]>> one : waiting) {
        one.get();
      }
      rates.add(REQUESTS * TEXTS / ((System.nanoTime() - begin) / 1e9));
      for (Future<HttpResponse<byte[]>> one : waiting) {
        int vectors = served.read(one.resultNow()).path("data").size();
        if (vectors != TEXTS) {
          throw new IOException("%d vectors of %d texts".formatted(vectors, TEXTS));
        }
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
