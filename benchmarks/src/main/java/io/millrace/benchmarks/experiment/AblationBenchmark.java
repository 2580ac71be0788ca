package io.millrace.benchmarks.experiment;

import io.millrace.benchmarks.command.Benchmark;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Trains the same model with and without a choice, each with the same seeds and the same data. */
public final class AblationBenchmark implements Benchmark {

  /** Fewer tokens than the published recipe has: what is asked is which of two is better. */
  private static final Map<String, Double> DEFAULTS = Map.of("steps", 500.0);

  @Override
  public String name() {
    return "ablation";
  }

  @Override
  public String description() {
    return "ablation [%s ...] [KEY=VALUE ...]: what a choice is worth, three seeds each"
        .formatted(
            Arrays.stream(Ablation.values())
                .map(AblationBenchmark::key)
                .collect(Collectors.joining("|")));
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    List<String> settings = arguments.stream().filter(a -> a.contains("=")).toList();
    List<String> names = arguments.stream().filter(a -> !a.contains("=")).toList();
    List<Ablation> ablations = new ArrayList<>();
    for (String name : names) {
      ablations.add(
          Arrays.stream(Ablation.values())
              .filter(ablation -> key(ablation).equals(name))
              .findFirst()
              .orElseThrow(
                  () -> new IllegalArgumentException(name + " is none of " + description())));
    }
    Options options = Options.of(settings, DEFAULTS);
    TokenCorpus corpus = TokenCorpus.tinyShakespeare();
    Trials trials = options.trials(out);
    for (Ablation ablation : names.isEmpty() ? List.of(Ablation.values()) : ablations) {
      Map<String, Recipe> recipes = ablation.recipes(options, corpus);
      Map<String, List<Outcome>> outcomes = trials.run(recipes);
      table(ablation, recipes, outcomes, out);
      ablation.comment(outcomes, out);
    }
  }

  private static void table(
      Ablation ablation,
      Map<String, Recipe> recipes,
      Map<String, List<Outcome>> outcomes,
      PrintStream out) {
    out.printf(
        "%n%s: %,d tokens each, mean and standard deviation over %d seeds%n%n",
        key(ablation),
        recipes.values().iterator().next().tokens(),
        outcomes.values().iterator().next().size());
    List<String> titles = ablation.measures().stream().map(Measure::title).toList();
    out.printf("| | %s | loss against the first |%n", String.join(" | ", titles));
    out.println("|---".repeat(titles.size() + 2) + "|");
    List<Outcome> first = outcomes.values().iterator().next();
    outcomes.forEach((name, own) -> {
      String cells =
          ablation.measures().stream()
              .map(measure -> Spread.of(own, measure).toString())
              .collect(Collectors.joining(" | "));
      out.printf("| %s | %s | %s |%n", name, cells, difference(own, first));
    });
    out.println();
  }

  /** Relative, of the validation loss, seed by seed. */
  private static String difference(List<Outcome> own, List<Outcome> first) {
    List<Double> relative =
        IntStream.range(0, own.size())
            .mapToObj(
                i -> own.get(i).get(Measure.VALIDATION) / first.get(i).get(Measure.VALIDATION) - 1)
            .toList();
    Spread spread = Spread.of(relative);
    return "%+.2f %% ± %.2f %%".formatted(100 * spread.mean(), 100 * spread.deviation());
  }

  private static String key(Ablation ablation) {
    return ablation.name().toLowerCase(Locale.ROOT);
  }
}
