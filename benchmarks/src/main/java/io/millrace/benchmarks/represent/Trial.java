package io.millrace.benchmarks.represent;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.represent.Negatives;
import io.millrace.encoder.represent.Objective;
import io.millrace.encoder.represent.PredictionSums;
import io.millrace.encoder.represent.RepresentationSettings;
import io.millrace.encoder.represent.RepresentationTrainer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/** One encoder of a seed, and what a probe finds in its vectors. */
final class Trial {

  /** Shares of the labels that probes get. */
  static final List<Double> SHARES = List.of(0.01, 0.1, 1.0);

  private static final int ENCODED_AT_ONCE = 64;

  private final LabelledSet set;
  private final Settings settings;

  Trial(LabelledSet set, Settings settings) {
    this.set = set;
    this.settings = settings;
  }

  /** Probes of what a document is without any encoder. */
  List<Double> raw(long seed) {
    return probes(documents -> all(documents).stream().map(documents::raw).toList(), seed);
  }

  /**
   * Learns without labels, then probes.
   *
   * @param steps optimizer steps; 0: the encoder stays as it was drawn
   */
  List<Double> encoder(
      TensorEngine engine, EncoderConfig config, Negatives negatives, int steps, long seed) {
    RepresentationSettings how =
        RepresentationSettings.standard().with(new Objective(negatives, 0, 0));
    try (RepresentationTrainer trainer = RepresentationTrainer.create(engine, config, how, seed)) {
      Random random = new Random(seed);
      LearningRateSchedule schedule =
          new LearningRateSchedule.WarmupCosine(
              settings.rate(), 0, Math.max(1, steps / 10), Math.max(1, steps));
      for (int step = 0; step < steps; step++) {
        List<Integer> drawn =
            random.ints(settings.batch(), 0, set.training().size()).boxed().toList();
        trainer.step(List.of(set.training().batch(drawn)), schedule.at(step));
      }
      List<Double> figures =
          new ArrayList<>(probes(documents -> encoded(trainer, documents), seed));
      PredictionSums heldout =
          trainer.evaluate(set.test().batch(IntStream.range(0, settings.batch()).boxed().toList()));
      figures.add(heldout.bound().getFirst());
      figures.add(heldout.ceiling().getFirst());
      return figures;
    }
  }

  private static List<float[]> encoded(RepresentationTrainer trainer, Documents documents) {
    List<float[]> vectors = new ArrayList<>();
    int width = trainer.config().width();
    List<Integer> all = all(documents);
    for (int first = 0; first < all.size(); first += ENCODED_AT_ONCE) {
      List<Integer> some = all.subList(first, Math.min(all.size(), first + ENCODED_AT_ONCE));
      float[] values = trainer.encode(documents.batch(some));
      for (int i = 0; i < some.size(); i++) {
        vectors.add(Arrays.copyOfRange(values, i * width, (i + 1) * width));
      }
    }
    return vectors;
  }

  private static List<Integer> all(Documents documents) {
    return IntStream.range(0, documents.size()).boxed().toList();
  }

  /** Accuracy and macro-F1 with each share of the labels. */
  private List<Double> probes(Function<Documents, List<float[]>> vectors, long seed) {
    List<float[]> training = vectors.apply(set.training());
    List<float[]> test = vectors.apply(set.test());
    List<Double> figures = new ArrayList<>();
    for (double share : SHARES) {
      List<Integer> labelled = set.labelled(share, seed);
      RidgeProbe probe =
          RidgeProbe.learn(
              labelled.stream().map(training::get).toList(),
              labelled.stream().map(set.training()::label).toList(),
              set.classes().size(),
              seed);
      Scores scores = new Scores(set.classes().size());
      for (int i = 0; i < test.size(); i++) {
        scores.add(set.test().label(i), probe.predict(test.get(i)));
      }
      figures.add(scores.accuracy());
      figures.add(scores.macroF1());
    }
    return figures;
  }
}
