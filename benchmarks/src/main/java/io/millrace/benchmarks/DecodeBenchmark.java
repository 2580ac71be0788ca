package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.command.KeyValues;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Constraint;
import io.millrace.language.generate.DecodeLoop;
import io.millrace.language.generate.Drafting;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.generate.Sequence;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Tokens a second of greedy streams on one thread, by the loop that serves: of one stream, and of
 * several that go on together and one after the other.
 */
final class DecodeBenchmark implements Benchmark {

  private static final int TOKENS = 400;
  private static final int SHARED_TOKENS = 100;
  private static final int ROUNDS = 7;
  private static final int SHARED_ROUNDS = 3;

  @Override
  public String name() {
    return "decode";
  }

  @Override
  public String description() {
    return "decode [PRESET] [VOCABULARY] [STREAMS...] [device=auto|cpu|cuda:N]: decoding speed of one stream on one thread, and of several together";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    List<String> named = arguments.stream().filter(argument -> argument.contains("=")).toList();
    List<String> shape = arguments.stream().filter(argument -> !named.contains(argument)).toList();
    String device =
        Objects.requireNonNull(KeyValues.over(Map.of("device", "cpu"), named).get("device"));
    String preset = shape.isEmpty() ? "nano" : shape.get(0);
    int vocabulary = shape.size() > 1 ? Integer.parseInt(shape.get(1)) : 1024;
    TensorEngine engine = TensorEngine.start(device);
    TensorEngine.enterThread(1);
    Path folder = Files.createTempDirectory("millrace-decode");
    LanguageConfig config = LanguageConfig.preset(preset, vocabulary, 0);
    try (LanguageTrainer trainer =
        LanguageTrainer.create(engine, config, LanguageTrainingSettings.deepSeek(), 1)) {
      trainer.save(folder);
    }
    try (LanguageModel model = LanguageModel.load(engine, folder)) {
      double[] rates = new double[ROUNDS];
      Arrays.setAll(rates, round -> rate(model, 1, 1, TOKENS));
      out.printf(
          "%s on %s: decoding %,.0f tokens/s in one stream on one thread (%s)%n",
          preset, engine.device(), median(rates), spread(rates));
      for (String streams : shape.stream().skip(2).toList()) {
        compare(model, preset, Integer.parseInt(streams), out);
      }
    }
  }

  /** In turns, so that both meet the same machine. */
  private static void compare(LanguageModel model, String preset, int streams, PrintStream out) {
    double[] apart = new double[SHARED_ROUNDS];
    double[] together = new double[SHARED_ROUNDS];
    for (int round = 0; round < SHARED_ROUNDS; round++) {
      apart[round] = rate(model, streams, 1, SHARED_TOKENS);
      together[round] = rate(model, streams, streams, SHARED_TOKENS);
    }
    out.printf(
        "%s: decoding %,.0f tokens/s of %d streams together (%s), %,.0f one after the other (%s): %.2f times%n",
        preset,
        median(together),
        streams,
        spread(together),
        median(apart),
        spread(apart),
        median(together) / median(apart));
  }

  /**
   * Tokens a second of all streams.
   *
   * @param most of them in one step
   */
  private static double rate(LanguageModel model, int streams, int most, int tokens) {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), /* lanes= */ 1, most);
    Count count = new Count(tokens);
    for (int i = 0; i < streams; i++) {
      int[] prompt = {1, 2, 3, 4 + i};
      loop.start(
          new Sequence(prompt, tokens, SamplingSettings.greedy(), Constraint.none()),
          count.ofStream());
    }
    for (int i = 0; i < streams; i++) {
      loop.step(); // A prompt, which is not measured.
    }
    long begin = System.nanoTime();
    while (count.running > 0) {
      loop.step();
    }
    return (double) streams * tokens / ((System.nanoTime() - begin) / 1e9);
  }

  private static double median(double[] rates) {
    Arrays.sort(rates);
    return rates[rates.length / 2];
  }

  private static String spread(double[] rates) {
    Arrays.sort(rates);
    return "median of %d rounds, %,.0f to %,.0f"
        .formatted(rates.length, rates[0], rates[rates.length - 1]);
  }

  /** How many streams are not at their end. */
  private static final class Count {
    private final int tokens;
    private int running;

    Count(int tokens) {
      this.tokens = tokens;
    }

    DecodeLoop.Listener ofStream() {
      running++;
      return new DecodeLoop.Listener() {
        private int heard;

        @Override
        public boolean wanted() {
          return true;
        }

        @Override
        public boolean accept(int token) {
          heard++;
          return heard < tokens;
        }

        @Override
        public void fail(Throwable cause) {
          throw new IllegalStateException("a stream failed", cause);
        }

        @Override
        public void end() {
          running--;
        }
      };
    }
  }
}
