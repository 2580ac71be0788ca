package io.millrace.benchmarks.experiment;

import io.millrace.tensor.engine.TensorEngine;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs every recipe with every seed, as many at once as there are processors, one thread each; on a
 * device one after the other, if nothing else is said.
 */
final class Trials {

  private final long firstSeed;
  private final int seeds;
  private final String device;
  private final int together;
  private final PrintStream out;

  /**
   * Trials on a device.
   *
   * @param together how many at once; 0: as many as it is for
   */
  Trials(long firstSeed, int seeds, String device, int together, PrintStream out) {
    this.firstSeed = firstSeed;
    this.seeds = seeds;
    this.device = device;
    this.together = together;
    this.out = out;
  }

  /** The outcomes of each recipe in the order of the seeds. */
  Map<String, List<Outcome>> run(Map<String, Recipe> recipes)
      throws ExecutionException, InterruptedException {
    TensorEngine engine = TensorEngine.start(device);
    int all = recipes.size() * seeds;
    AtomicInteger done = new AtomicInteger();
    long begin = System.nanoTime();
    Map<String, List<Future<Outcome>>> running = new LinkedHashMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(atOnce(engine))) {
      recipes.forEach((name, recipe) -> {
        List<Future<Outcome>> ofRecipe = new ArrayList<>();
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
          long own = seed;
          ofRecipe.add(
              pool.submit(() -> {
                Outcome outcome = Trial.run(engine, recipe, own);
                double minutes = (System.nanoTime() - begin) / 60e9;
                int finished = done.incrementAndGet();
                out.printf(
                    "[%d/%d, %.1f min left] %s, seed %d: validation %.4f, training %.4f, %,.0f"
                        + " tokens/s%n",
                    finished,
                    all,
                    minutes / finished * (all - finished),
                    name,
                    own,
                    outcome.get(Measure.VALIDATION),
                    outcome.get(Measure.TRAINING),
                    outcome.get(Measure.SPEED));
                return outcome;
              }));
        }
        running.put(name, ofRecipe);
      });
      Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
      for (Map.Entry<String, List<Future<Outcome>>> entry : running.entrySet()) {
        List<Outcome> ofRecipe = new ArrayList<>();
        for (Future<Outcome> future : entry.getValue()) {
          ofRecipe.add(future.get());
        }
        outcomes.put(entry.getKey(), ofRecipe);
      }
      return outcomes;
    }
  }

  private int atOnce(TensorEngine engine) {
    if (together > 0) {
      return together;
    }
    return engine.device().isGpu() ? 1 : Runtime.getRuntime().availableProcessors();
  }
}
