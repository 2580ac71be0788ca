package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.plan.Plan;
import io.millrace.language.plan.TrainingBytes;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.PackedBatch;
import io.millrace.language.train.Recomputation;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Peak memory and time of a step of a 12-layer model: no layer computed again, every second, all.
 * Each in a process of its own, because a process's peak never falls.
 */
final class RecomputationBenchmark implements Benchmark {

  private static final int PACKS = 8;
  private static final int LENGTH = 512;
  private static final int STEPS = 5;
  private static final double RATE = 1e-3;
  private static final double MIB = 1 << 20;

  @Override
  public String name() {
    return "recomputation";
  }

  @Override
  public String description() {
    return "recomputation [ACTIVATION [EVERY]]: peak memory and step time with layers computed"
        + " again, by policy; with a number that policy in this process";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    String activation = arguments.isEmpty() ? "silu" : arguments.getFirst();
    if (arguments.size() > 1) {
      out.println(measure(activation, Integer.parseInt(arguments.get(1))).line());
      return;
    }
    LanguageConfig config = config(activation);
    TrainingBytes.Activations planned =
        Plan.of(config, (long) PACKS * LENGTH, LENGTH).training().getFirst().activations();
    out.printf("12 layers, %s, %d x %d tokens a step, f32%n", activation, PACKS, LENGTH);
    Measured none = inProcess(activation, 0);
    out.printf("%,d parameters%n", none.size());
    report(out, "none", none, none, planned.none());
    report(out, "every second", inProcess(activation, 2), none, planned.everySecond());
    report(out, "all", inProcess(activation, 1), none, planned.all());
  }

  private static void report(
      PrintStream out, String policy, Measured here, Measured none, long planned) {
    out.printf(
        "%-12s  peak %,.0f MiB (%.2f), above the process before %,.0f MiB (%.2f; planned %,.0f),"
            + " %.3f s a step (%.2f), loss %s%n",
        policy,
        here.peak() / MIB,
        here.peak() / (double) none.peak(),
        here.above() / MIB,
        here.above() / (double) none.above(),
        planned / MIB,
        here.seconds(),
        here.seconds() / none.seconds(),
        here.loss());
  }

  /** With a heap of one size that is taken at the start, so that what grows is tensors. */
  private static Measured inProcess(String activation, int every)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "recomputation",
                activation,
                Integer.toString(every))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines = process.inputReader().readAllLines();
    if (process.waitFor() != 0 || lines.isEmpty()) {
      throw new IOException("the process of policy " + every + " ended with no result");
    }
    return Measured.of(lines.getLast());
  }

  private static Measured measure(String activation, int every) throws IOException {
    TensorEngine engine = TensorEngine.start("cpu");
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
    LanguageConfig config = config(activation);
    LanguageTrainingSettings settings =
        LanguageTrainingSettings.deepSeek().with(new Recomputation(every));
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, settings, 1)) {
      // Kernels are compiled, and gradients and moments get their pages.
      for (int step = 0; step < 3; step++) {
        trainer.step(batch(config, 2, 16), RATE);
      }
      long before = ProcessMemory.resident();
      PackedBatch batch = batch(config, PACKS, LENGTH);
      double[] seconds = new double[STEPS];
      double loss = 0;
      for (int step = 0; step < STEPS; step++) {
        long begin = System.nanoTime();
        loss = trainer.step(batch, RATE).loss();
        seconds[step] = (System.nanoTime() - begin) / 1e9;
      }
      Arrays.sort(seconds);
      long peak = ProcessMemory.peak();
      return new Measured(trainer.parameters(), peak, peak - before, seconds[STEPS / 2], loss);
    }
  }

  private static PackedBatch batch(LanguageConfig config, int packs, int length) {
    Random random = new Random(1);
    int[][] documents = new int[packs][];
    for (int i = 0; i < packs; i++) {
      documents[i] = random.ints(length, 0, config.vocabSize()).toArray();
    }
    return PackedBatch.of(documents);
  }

  private static LanguageConfig config(String activation) throws IOException {
    Path folder = Files.createTempDirectory("millrace-recomputation");
    Path file = folder.resolve(ConfigFile.NAME);
    try (InputStream in = RecomputationBenchmark.class.getResourceAsStream("twelve-layers.json")) {
      if (in == null) {
        throw new IOException("twelve-layers.json is missing in this build");
      }
      Files.write(file, in.readAllBytes());
      return ConfigFile.read(folder, Map.of("hidden_act", activation));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /**
   * What a process saw.
   *
   * @param size of the model in parameters
   * @param peak bytes
   * @param above bytes of the peak above what was there before the first step
   * @param seconds of a step, median
   * @param loss of the last step
   */
  private record Measured(long size, long peak, long above, double seconds, double loss) {

    String line() {
      return "%d %d %d %s %s".formatted(size, peak, above, seconds, loss);
    }

    static Measured of(String line) {
      String[] parts = line.split(" ", -1);
      return new Measured(
          Long.parseLong(parts[0]),
          Long.parseLong(parts[1]),
          Long.parseLong(parts[2]),
          Double.parseDouble(parts[3]),
          Double.parseDouble(parts[4]));
    }
  }
}
