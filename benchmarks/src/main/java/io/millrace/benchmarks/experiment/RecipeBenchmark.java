package io.millrace.benchmarks.experiment;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.plan.ParameterCount;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * nanoGPT's published recipe for a processor: characters of tinyshakespeare, 1.536 M tokens,
 * validation loss 1.88 there.
 */
public final class RecipeBenchmark implements Benchmark {

  /** Decided on this data, with a seed that is not among those reported. */
  private static final Map<String, List<String>> RECIPES =
      Map.of(
          "dense", List.of("rows=4", "steps=6000", "warmup=300"),
          "moe",
              List.of(
                  "rows=3",
                  "block=128",
                  "steps=4000",
                  "warmup=200",
                  "rate=0.0014",
                  "num_nextn_predict_layers=1"));

  @Override
  public String name() {
    return "recipe";
  }

  @Override
  public String description() {
    return "recipe [dense|moe] [KEY=VALUE ...]: validation loss on tinyshakespeare after nanoGPT's 1.536 M tokens";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    boolean named = !arguments.isEmpty() && RECIPES.containsKey(arguments.getFirst());
    List<String> models = named ? List.of(arguments.getFirst()) : List.of("dense", "moe");
    List<String> changes = named ? arguments.subList(1, arguments.size()) : arguments;
    CharacterCorpus corpus = CharacterCorpus.tinyShakespeare();
    for (String model : models) {
      List<String> choices = new ArrayList<>(RECIPES.getOrDefault(model, List.of()));
      choices.addAll(changes);
      Options options = Options.of(choices, Map.of());
      Trials trials = new Trials(options.firstSeed(), options.seeds(), out);
      Recipe recipe = options.recipe(corpus, model);
      List<Outcome> outcomes = trials.run(Map.of(model, recipe)).values().iterator().next();
      ParameterCount count = ParameterCount.of(recipe.config());
      out.printf(
          "%s: %,d parameters, %,d active; %,d tokens, %d x %d a step; validation over all %,d characters: %s nats (%d seeds), training %s%n",
          model,
          count.total(),
          count.active(),
          recipe.tokens(),
          recipe.rows(),
          recipe.block(),
          corpus.validation().length - 1,
          Spread.of(outcomes, Measure.VALIDATION),
          outcomes.size(),
          Spread.of(outcomes, Measure.TRAINING));
    }
  }
}
