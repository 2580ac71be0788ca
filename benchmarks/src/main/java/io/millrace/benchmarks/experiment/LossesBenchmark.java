package io.millrace.benchmarks.experiment;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.Precision;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Trains `small` on words of a text in several precisions, each with the same data. */
public final class LossesBenchmark implements Benchmark {

  private static final int VOCABULARY = 16_384;

  private static final Map<String, Double> DEFAULTS =
      Map.of(
          "seeds", 1.0, "steps", 300.0, "rows", 32.0, "block", 512.0, "rate", 1e-3, "beta2", 0.95);

  @Override
  public String name() {
    return "losses";
  }

  @Override
  public String description() {
    return "losses FILE PRECISION,... [KEY=VALUE ...]: how far smoothed losses of `small` on a text"
        + " are apart, the first precision against the others";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    if (arguments.size() < 2) {
      throw new IllegalArgumentException(description());
    }
    List<Precision> precisions =
        Arrays.stream(arguments.get(1).split(",", -1)).map(Precision::of).toList();
    Options options = Options.of(arguments.subList(2, arguments.size()), DEFAULTS);
    TokenCorpus corpus =
        TokenCorpus.ofWords(Files.readString(Path.of(arguments.get(0))), VOCABULARY);
    out.printf("%,d tokens to train on%n", corpus.training().length);
    Recipe base = options.recipe(corpus, LanguageConfig.preset("small", corpus.vocabulary(), 0));
    Map<String, Recipe> recipes = new LinkedHashMap<>();
    precisions.forEach(
        precision -> recipes.put(precision.key(), base.with(base.settings().with(precision))));
    Map<String, List<Outcome>> outcomes = options.trials(out).run(recipes);
    String first = precisions.getFirst().key();
    List<Outcome> expected = Objects.requireNonNull(outcomes.get(first));
    outcomes.forEach((name, own) -> {
      for (int seed = 0; seed < own.size(); seed++) {
        out.println(
            SmoothedLoss.compare(
                "%s against %s, seed %d:".formatted(name, first, options.firstSeed() + seed),
                own.get(seed),
                expected.get(seed)));
      }
    });
  }
}
