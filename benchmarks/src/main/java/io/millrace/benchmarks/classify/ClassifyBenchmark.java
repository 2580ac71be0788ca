package io.millrace.benchmarks.classify;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.experiment.Spread;
import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.FreshEncoders;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluation;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluator;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Macro-F1 of a small network on crops of blood cells, whose classes are far from equally frequent,
 * by the loss it learned from; the same seeds and the same crops in the same order for each.
 */
public final class ClassifyBenchmark implements Benchmark {

  private static final int SIDE = 32;
  private static final int BATCH = 64;
  private static final int SEEDS = 3;
  private static final int STEPS = 400;
  private static final double RATE = 2e-3;
  private static final double EMA = 0.98;
  private static final List<String> LOSSES =
      List.of(
          "cross_entropy",
          "cross_entropy then soft_f1",
          "cross_entropy then straight_through_f1",
          "cross_entropy then reinforce_f1");

  @Override
  public String name() {
    return "classify";
  }

  @Override
  public String description() {
    return "classify FOLDER [STEPS] [LOSS ...]: macro-F1 on crops of a folder's boxes (bccd) by loss, three seeds";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("which folder? " + description());
    }
    int steps = arguments.size() > 1 ? Integer.parseInt(arguments.get(1)) : STEPS;
    List<String> losses = arguments.size() > 2 ? arguments.subList(2, arguments.size()) : LOSSES;
    CellCrops training = CellCrops.read(arguments.getFirst(), Set.of("train", "val"), SIDE);
    CellCrops test = CellCrops.read(arguments.getFirst(), Set.of("test"), SIDE);
    out.printf(
        "%s: %s crops to learn from, %s to be judged on; %d steps of %d%n",
        training.classes(), training.counts(), test.counts(), steps, BATCH);
    TensorEngine engine = TensorEngine.start("cpu");
    for (String loss : losses) {
      Map<String, List<Double>> figures = new LinkedHashMap<>();
      for (int seed = 1; seed <= SEEDS; seed++) {
        ClassificationEvaluation found = learn(engine, training, test, loss, steps, seed);
        add(figures, "macro F1", found.macroF1());
        add(figures, "accuracy", found.accuracy());
        add(figures, "ECE", found.calibration().error());
        found.classes().forEach(one -> add(figures, "F1 of " + one.name(), one.f1()));
      }
      out.printf("%n%s%n", loss);
      figures.forEach((name, values) -> out.printf("  %-16s %s%n", name, Spread.of(values)));
    }
  }

  private static void add(Map<String, List<Double>> figures, String name, double value) {
    figures.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
  }

  private static ClassificationEvaluation learn(
      TensorEngine engine, CellCrops training, CellCrops test, String loss, int steps, long seed) {
    ClassifierConfig config =
        ClassifierConfig.of(
            training.classes(),
            FreshEncoders.NANO.pictures(SIDE, SIDE),
            new ClassifierHead.Linear(/* bias= */ true));
    ClassifierTrainingSettings settings =
        ClassifierTrainingSettings.standard(steps).withLoss(LossPlan.read(loss)).withEma(EMA);
    LearningRateSchedule schedule =
        new LearningRateSchedule.WarmupCosine(RATE, RATE / 10, steps / 20, steps);
    try (ClassifierTrainer trainer = ClassifierTrainer.create(engine, config, settings, seed)) {
      Random random = new Random(seed);
      List<Integer> order = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        if (order.size() < BATCH) {
          order = new ArrayList<>(IntStream.range(0, training.pictures().size()).boxed().toList());
          Collections.shuffle(order, random);
        }
        List<Integer> next = order.subList(order.size() - BATCH, order.size());
        ExampleBatch batch = training.batch(next);
        next.clear();
        trainer.step(List.of(batch), schedule.at(step));
      }
      return evaluate(trainer, test);
    }
  }

  private static ClassificationEvaluation evaluate(ClassifierTrainer trainer, CellCrops test) {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(test.classes());
    for (int first = 0; first < test.pictures().size(); first += BATCH) {
      int last = Math.min(first + BATCH, test.pictures().size());
      ExampleBatch batch = test.batch(IntStream.range(first, last).boxed().toList());
      float[][] logits = trainer.logits(batch.inputs());
      for (int i = 0; i < logits.length; i++) {
        evaluator.add((int) batch.classes()[i], logits[i]);
      }
    }
    return evaluator.evaluate();
  }
}
