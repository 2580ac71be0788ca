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
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
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
 * process, of texts that are tokens already, by all cores together and by each for itself, and
 * through the gateway of a platform that runs in it.
 */
final class EmbedBenchmark implements Benchmark {

  private static final String NAME = "phrases";
  private static final int TEXTS = 32;
  private static final int WORDS = 64;
  private static final int DOCUMENTS = 64;
  private static final int REQUESTS = 100;
  private static final int ROUNDS = 11;

  /** At most so many until the JVM has compiled what a request passes. */
  private static final int WARM_UP_ROUNDS = 60;

  /** Of a core, which compilers may have when that is done. */
  private static final double COMPILING = 0.05;

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
      Rates apart = new Rates();
      Rates through = new Rates();
      try (EncoderModel model = EncoderModel.load(TensorEngine.start("cpu"), folder)) {
        HttpRequest request = request(served, texts.subList(0, TEXTS));
        int warmUp = 0;
        double compiling = 1;
        while (warmUp < WARM_UP_ROUNDS && compiling > COMPILING) {
          compiling =
              compiling(() -> {
                alone(model, batch, new Rates());
                apart(model, batch, new Rates());
                through(served, request, new Rates());
              });
          warmUp++;
        }
        out.printf(
            "after %d rounds the compilers have %.0f %% of a core%n", warmUp, 100 * compiling);
        for (int round = 0; round < ROUNDS; round++) {
          alone(model, batch, alone);
          apart(model, batch, apart);
          through(served, request, through);
        }
      }
      out.printf(
          "%s, %d texts of %d tokens: %,.0f texts/s alone, %,.0f with a request on each core, %,.0f through the gateway by %d clients%n",
          preset,
          TEXTS,
          batch.packed().tokens() / TEXTS,
          alone.median(),
          apart.median(),
          through.median(),
          CLIENTS);
      out.printf(
          "through the gateway %.2f times alone (median of %d rounds, %s), %.2f times a request on each core (%s)%n",
          through.over(alone).median(),
          ROUNDS,
          through.over(alone).range("%.2f"),
          through.over(apart).median(),
          through.over(apart).range("%.2f"));
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

  @FunctionalInterface
  private interface Round {

    void run() throws Exception;
  }

  /** Of a core, what the JVM's compilers have during a round. */
  private static double compiling(Round round) throws Exception {
    CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    long compiled = compilers.getTotalCompilationTime();
    long begin = System.nanoTime();
    round.run();
    return (compilers.getTotalCompilationTime() - compiled) * 1e6 / (System.nanoTime() - begin);
  }

  private static void alone(EncoderModel model, TokenBatch batch, Rates rates) {
    long begin = System.nanoTime();
    encode(model, batch, Runtime.getRuntime().availableProcessors(), REQUESTS);
    rates.add(REQUESTS * TEXTS / ((System.nanoTime() - begin) / 1e9));
  }

  /** As the service computes: a thread for each core, which takes requests of its own. */
  private static void apart(EncoderModel model, TokenBatch batch, Rates rates) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService all = Executors.newFixedThreadPool(cores)) {
      long begin = System.nanoTime();
      List<Future<?>> waiting =
          IntStream.range(0, cores)
              .<Future<?>>mapToObj(_ -> all.submit(() -> encode(model, batch, 1, REQUESTS / cores)))
              .toList();
      for (Future<?> one : waiting) {
        Object unused = one.get();
      }
      rates.add(REQUESTS / cores * cores * TEXTS / ((System.nanoTime() - begin) / 1e9));
    }
  }

  private static void encode(EncoderModel model, TokenBatch batch, int threads, int requests) {
    TensorEngine.enterThread(threads);
    for (int i = 0; i < requests; i++) {
      List<float[]> unused = model.encode(batch);
    }
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
