package io.millrace.benchmarks.experiment;

import io.millrace.benchmarks.Benchmark;
import io.millrace.language.plan.ParameterCount;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * nanoGPT's published recipe for a processor: characters of tinyshakespeare, 1.536 M tokens,
 * validation loss 1.88 there.
 */
public final class RecipeBenchmark implements Benchmark {

  private static final List<String> MODELS = List.of("dense", "moe");

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
    boolean named = !arguments.isEmpty() && MODELS.contains(arguments.getFirst());
    List<String> models = named ? List.of(arguments.getFirst()) : MODELS;
    Options options =
        Options.of(named ? arguments.subList(1, arguments.size()) : arguments, Map.of());
    CharacterCorpus corpus = CharacterCorpus.tinyShakespeare();
    Trials trials = new Trials(options.firstSeed(), options.seeds(), out);
    for (String model : models) {
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
