package io.millrace.benchmarks.experiment;

import io.millrace.language.train.DraftAcceptance;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LossSum;
import io.millrace.language.train.PackedBatch;
import io.millrace.language.train.StepReport;
import io.millrace.tensor.engine.TensorEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One recipe with one seed, on one thread. */
final class Trial {

  private Trial() {}

  static Outcome run(TensorEngine engine, Recipe recipe, long seed) {
    TensorEngine.enterThread(1);
    Random random = new Random(seed);
    int last = Math.max(1, recipe.steps() / 10);
    List<Double> losses = new ArrayList<>();
    double violations = 0;
    try (LanguageTrainer trainer =
        LanguageTrainer.create(engine, recipe.config(), recipe.settings(), seed)) {
      long begin = System.nanoTime();
      for (int step = 0; step < recipe.steps(); step++) {
        PackedBatch batch = recipe.corpus().sample(random, recipe.rows(), recipe.block());
        StepReport report = trainer.step(batch, recipe.schedule().at(step));
        losses.add(report.loss());
        if (step >= recipe.steps() - last) {
          violations += violation(trainer.expertLoads());
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      Map<Measure, Double> values = new EnumMap<>(Measure.class);
      values.put(Measure.SPEED, recipe.tokens() / seconds);
      values.put(Measure.TRAINING, mean(losses.subList(losses.size() - last, losses.size())));
      values.put(Measure.VIOLATION, violations / last);
      validate(trainer, recipe.corpus().validationBatches(recipe.block()), values);
      return new Outcome(values, losses);
    }
  }

  private static void validate(
      LanguageTrainer trainer, List<PackedBatch> batches, Map<Measure, Double> values) {
    LossSum together = LossSum.ZERO;
    LossSum alone = LossSum.ZERO;
    DraftAcceptance drafts = DraftAcceptance.ZERO;
    for (PackedBatch batch : batches) {
      together = together.plus(trainer.evaluate(batch));
      alone = alone.plus(trainer.evaluate(batch.inPacks(batch.documentStarts())));
      for (DraftAcceptance module : trainer.acceptance(batch)) {
        drafts = drafts.plus(module);
      }
    }
    values.put(Measure.VALIDATION, together.mean());
    values.put(Measure.ALONE, alone.mean());
    values.put(Measure.ACCEPTANCE, drafts.share());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Mean over layers of the largest share over the even one, minus 1. */
  private static double violation(double[][] loads) {
    return Arrays.stream(loads)
        .mapToDouble(shares -> Arrays.stream(shares).max().orElseThrow() * shares.length - 1)
        .average()
        .orElse(Double.NaN);
  }
}
