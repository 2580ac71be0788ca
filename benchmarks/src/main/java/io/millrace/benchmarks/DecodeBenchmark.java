package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Tokens a second of one greedy stream on one thread, against reading all of its weights. */
final class DecodeBenchmark implements Benchmark {

  private static final int TOKENS = 400;
  private static final int ROUNDS = 7;

  @Override
  public String name() {
    return "decode";
  }

  @Override
  public String description() {
    return "decode [PRESET] [VOCABULARY]: decoding speed of one stream on one thread";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    String preset = arguments.isEmpty() ? "nano" : arguments.get(0);
    int vocabulary = arguments.size() > 1 ? Integer.parseInt(arguments.get(1)) : 1024;
    TensorEngine engine = TensorEngine.start("cpu");
    TensorEngine.enterThread(1);
    Path folder = Files.createTempDirectory("millrace-decode");
    LanguageConfig config = LanguageConfig.preset(preset, vocabulary, 0);
    try (LanguageTrainer trainer =
        LanguageTrainer.create(engine, config, LanguageTrainingSettings.deepSeek(), 1)) {
      trainer.save(folder);
    }
    double[] rates = new double[ROUNDS];
    try (LanguageModel model = LanguageModel.load(engine, folder)) {
      for (int round = 0; round < ROUNDS; round++) {
        try (Generation generation =
            model.start(new int[] {1, 2, 3, 4}, TOKENS, SamplingSettings.greedy())) {
          long begin = System.nanoTime();
          for (int i = 0; i < TOKENS; i++) {
            generation.next();
          }
          rates[round] = TOKENS / ((System.nanoTime() - begin) / 1e9);
        }
      }
    }
    Arrays.sort(rates);
    out.printf(
        "%s: decoding %,.0f tokens/s in one stream on one thread (median of %d rounds, %,.0f to %,.0f)%n",
        preset, rates[ROUNDS / 2], ROUNDS, rates[0], rates[ROUNDS - 1]);
  }
}
