package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.PackedBatch;
import io.millrace.tensor.engine.TensorEngine;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Tokens a second of training, and the share of the machine's GEMM peak that its FLOPs stand for.
 */
final class TrainBenchmark implements Benchmark {

  private static final int PACK = 256;
  private static final int ROUNDS = 7;
  private static final int STEPS = 10;

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String description() {
    return "train [PRESET] [VOCABULARY] [PACKS]: training speed against the GEMM peak";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) {
    String preset = arguments.isEmpty() ? "nano" : arguments.get(0);
    int vocabulary = arguments.size() > 1 ? Integer.parseInt(arguments.get(1)) : 1024;
    int packs = arguments.size() > 2 ? Integer.parseInt(arguments.get(2)) : 8;
    TensorEngine engine = TensorEngine.start("cpu");
    int threads = Runtime.getRuntime().availableProcessors();
    TensorEngine.enterThread(threads);
    LanguageConfig config = LanguageConfig.preset(preset, vocabulary, 0);
    Random random = new Random(1);
    int[][] documents = new int[packs][];
    for (int i = 0; i < packs; i++) {
      documents[i] = random.ints(PACK, 0, vocabulary).toArray();
    }
    PackedBatch batch = PackedBatch.of(documents);
    try (LanguageTrainer trainer =
        LanguageTrainer.create(engine, config, LanguageTrainingSettings.deepSeek(), 1)) {
      double[] rates = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        long begin = System.nanoTime();
        for (int step = 0; step < STEPS; step++) {
          trainer.step(batch, 1e-3);
        }
        rates[round] = STEPS * batch.tokens() / ((System.nanoTime() - begin) / 1e9);
      }
      Arrays.sort(rates);
      double median = rates[ROUNDS / 2];
      double peak = GemmPeak.measure(engine);
      double flops = Flops.trainingPerToken(config, PACK);
      out.printf(
          "%s: %,d parameters, %,d active; %d threads, %d x %d tokens a step%n",
          preset, trainer.parameters(), trainer.activeParameters(), threads, packs, PACK);
      out.printf(
          "training  %,.0f tokens/s (median of %d rounds, %,.0f to %,.0f)%n",
          median, ROUNDS, rates[0], rates[ROUNDS - 1]);
      out.printf(
          "          %.1f GFLOP/s = %.0f %% of the f32 GEMM peak of %.0f GFLOP/s%n",
          median * flops / 1e9, 100 * median * flops / peak, peak / 1e9);
    }
  }
}
