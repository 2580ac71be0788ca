package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.contracts.Tasks;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.standalone.demo.DemoCorpus;
import io.millrace.standalone.demo.GatewayClient;
import io.millrace.standalone.demo.TextDataset;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.stream.Batch;
import io.millrace.training.stream.BatchSource;
import io.millrace.training.stream.KafkaBatchSource;
import io.millrace.training.stream.MemoryBatchSource;
import io.millrace.training.stream.StreamPosition;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.unit.DataSize;

/**
 * Tokens a second of the same training steps with batches from Kafka and with batches that lie in
 * memory, in turns, on a platform that runs in this process.
 */
final class StreamBenchmark implements Benchmark {

  private static final String DATASET = "stream";
  private static final int VOCABULARY = 1024;
  private static final int STEPS = 30;
  private static final int ROUNDS = 7;
  private static final int PREFETCH = 4;
  private static final int PORT = 18_080;
  private static final int GRPC_PORT = 18_081;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public String description() {
    return "stream [PRESET]: training from Kafka against training from memory";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    String preset = arguments.isEmpty() ? "nano" : arguments.get(0);
    Path home = Files.createTempDirectory("millrace-stream");
    try (Platform platform =
            Platform.start(new PlatformSettings(home, PORT, GRPC_PORT, "cpu"), out::println);
        GatewayClient gateway = new GatewayClient(platform.address(), platform.apiKey())) {
      new TextDataset(gateway, out).prepare(DATASET, DemoCorpus.ofJdk("java/util"), VOCABULARY);
      measure(platform, preset, out);
    } finally {
      delete(home);
    }
  }

  private static void measure(Platform platform, String name, PrintStream out) throws Exception {
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
    Registry registry = platform.trainingPart(Registry.class);
    DatasetEntry dataset = registry.requireDataset(DATASET);
    SnapshotEntry snapshot = registry.snapshots().list(DATASET).getLast();
    Task<?> language = platform.trainingPart(TaskCatalog.class).require(Tasks.LANGUAGE);
    Preset preset = language.preset(name);
    try (TrainingTask<?, ?> task = open(platform, language, dataset, preset)) {
      compare(task, platform.trainingPart(KafkaClients.class), snapshot, preset.batchSize(), out);
    }
  }

  private static <O extends Record> TrainingTask<?, ?> open(
      Platform platform, Task<O> task, DatasetEntry dataset, Preset preset) throws IOException {
    return task.open(
        new TaskContext<>(
            TensorEngine.start("cpu"),
            dataset,
            task.standard(),
            platform.trainingPart(ObjectStore.class),
            /* steps= */ 1),
        new Start.Fresh(preset, /* seed= */ 1));
  }

  private static <R, B> void compare(
      TrainingTask<R, B> task,
      KafkaClients kafka,
      SnapshotEntry snapshot,
      int batchSize,
      PrintStream out)
      throws InterruptedException {
    try (BatchSource<B> stream = source(task, kafka, snapshot, batchSize);
        BatchSource<B> copied = source(task, kafka, snapshot, batchSize);
        BatchSource<B> memory = MemoryBatchSource.copyOf(copied, STEPS * (ROUNDS + 1))) {
      // The first steps of both are slower: code is compiled, memory is taken.
      rate(task, stream);
      rate(task, memory);
      double[] streamed = new double[ROUNDS];
      double[] remembered = new double[ROUNDS];
      double[] ratios = new double[ROUNDS];
      long waitedBefore = stream.waitedNanos();
      for (int round = 0; round < ROUNDS; round++) {
        streamed[round] = rate(task, stream);
        remembered[round] = rate(task, memory);
        ratios[round] = streamed[round] / remembered[round];
      }
      double waited = (stream.waitedNanos() - waitedBefore) / 1e9;
      out.printf("from memory  %,.0f tokens/s (median of %d rounds)%n", median(remembered), ROUNDS);
      out.printf("from Kafka   %,.0f tokens/s, waited %.3f s%n", median(streamed), waited);
      out.printf(
          "ratio        %.1f %% (median; %.1f to %.1f %%)%n",
          100 * median(ratios), 100 * ratios[0], 100 * ratios[ROUNDS - 1]);
    }
  }

  private static <R, B> BatchSource<B> source(
      TrainingTask<R, B> task, KafkaClients kafka, SnapshotEntry snapshot, int batchSize) {
    return new KafkaBatchSource<>(
        kafka,
        DATASET,
        snapshot.train(),
        StreamPosition.start(snapshot.train()),
        task.format(),
        batchSize,
        PREFETCH,
        DataSize.ofMegabytes(256));
  }

  /** Items a second of some steps; the two sources give the same batches in the same order. */
  private static <B> double rate(TrainingTask<?, B> task, BatchSource<B> source)
      throws InterruptedException {
    long begin = System.nanoTime();
    long items = 0;
    for (int step = 0; step < STEPS; step++) {
      Batch<B> batch = source.poll(TIMEOUT);
      if (batch == null) {
        throw new IllegalStateException("no batch within " + TIMEOUT);
      }
      task.step(List.of(batch.content()), 1e-4);
      items += task.items(batch.content());
    }
    return items / ((System.nanoTime() - begin) / 1e9);
  }

  /** Sorts the values. */
  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
