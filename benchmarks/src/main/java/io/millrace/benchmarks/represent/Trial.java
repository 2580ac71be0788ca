package io.millrace.benchmarks.represent;

import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.represent.Negatives;
import io.millrace.encoder.represent.Objective;
import io.millrace.encoder.represent.PictureChanges;
import io.millrace.encoder.represent.PredictionSums;
import io.millrace.encoder.represent.RepresentationSettings;
import io.millrace.encoder.represent.RepresentationTrainer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One encoder of a seed, and what a probe finds in its vectors. */
final class Trial {

  /** Shares of the labels that probes get. */
  static final List<Double> SHARES = List.of(0.01, 0.1, 1.0);

  private static final int SAVED_EVERY = 50;
  private static final int ENCODED_AT_ONCE = 64;

  /** Cells have neither up nor down; their colours mean something. */
  private static final PictureChanges CHANGES = new PictureChanges(0.5, 0.5, 1, 0);

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
   * @param folder where the training is saved on the way, and resumed if it was
   */
  List<Double> encoder(
      TensorEngine engine,
      EncoderConfig config,
      Negatives negatives,
      int steps,
      long seed,
      Path folder)
      throws IOException {
    RepresentationSettings how =
        RepresentationSettings.standard()
            .with(new Objective(negatives, 0, settings.temperature()))
            .with(config.encoder() instanceof PictureEncoder ? CHANGES : PictureChanges.NONE);
    try (RepresentationTrainer trainer = trainer(engine, config, how, seed, folder)) {
      Random random = new Random(seed);
      LearningRateSchedule schedule = schedule(Math.max(1, steps));
      for (int step = 0; step < steps; step++) {
        List<Integer> drawn =
            random.ints(settings.batch(), 0, set.unlabelled().size()).boxed().toList();
        if (step >= trainer.steps()) {
          trainer.step(List.of(set.unlabelled().batch(drawn)), schedule.at(step));
          if (trainer.steps() % SAVED_EVERY == 0) {
            save(trainer, folder);
          }
        }
      }
      List<Double> figures =
          new ArrayList<>(probes(documents -> encoded(trainer, documents), seed));
      PredictionSums heldout =
          trainer.evaluate(set.test().batch(IntStream.range(0, settings.batch()).boxed().toList()));
      figures.add(heldout.bound().getFirst());
      figures.add(heldout.ceiling().getFirst());
      delete(folder);
      return figures;
    }
  }

  private static RepresentationTrainer trainer(
      TensorEngine engine, EncoderConfig config, RepresentationSettings how, long seed, Path folder)
      throws IOException {
    return Files.exists(folder)
        ? RepresentationTrainer.restore(engine, folder, how)
        : RepresentationTrainer.create(engine, config, how, seed);
  }

  /** Whoever stops the benchmark meanwhile finds the one before, or none. */
  private static void save(RepresentationTrainer trainer, Path folder) throws IOException {
    Path next = folder.resolveSibling(folder.getFileName() + ".next");
    trainer.save(next);
    delete(folder);
    Files.move(next, folder);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private LearningRateSchedule schedule(int steps) {
    return new LearningRateSchedule.WarmupCosine(
        settings.rate(), 0, Math.max(1, steps / 10), steps);
  }

  /** The same network from random weights, all of which learn from the labels that probes get. */
  List<Double> supervised(TensorEngine engine, EncoderConfig config, long seed) {
    ClassifierConfig classifier =
        ClassifierConfig.of(
            set.classes(),
            EncodedInput.of(config, /* frozen= */ false),
            new ClassifierHead.Linear(/* bias= */ true));
    List<Double> figures = new ArrayList<>();
    for (double share : SHARES) {
      ClassifierTrainingSettings how = ClassifierTrainingSettings.standard(settings.steps());
      try (ClassifierTrainer trainer = ClassifierTrainer.create(engine, classifier, how, seed)) {
        learn(trainer, set.labelled(share, seed), seed);
        Scores scores = scores(trainer);
        figures.add(scores.accuracy());
        figures.add(scores.macroF1());
      }
    }
    return figures;
  }

  private void learn(ClassifierTrainer trainer, List<Integer> labelled, long seed) {
    Random random = new Random(seed);
    LearningRateSchedule schedule = schedule(settings.steps());
    for (int step = 0; step < settings.steps(); step++) {
      List<Integer> drawn =
          random.ints(settings.batch(), 0, labelled.size()).mapToObj(labelled::get).toList();
      long[] classes = drawn.stream().mapToLong(set.training()::label).toArray();
      Inputs inputs = new Inputs.Documents(set.training().batch(drawn));
      trainer.step(List.of(new ExampleBatch(inputs, classes)), schedule.at(step));
    }
  }

  private Scores scores(ClassifierTrainer trainer) {
    Scores scores = new Scores(set.classes().size());
    List<Integer> all = all(set.test());
    for (int first = 0; first < all.size(); first += ENCODED_AT_ONCE) {
      List<Integer> some = all.subList(first, Math.min(all.size(), first + ENCODED_AT_ONCE));
      float[][] logits = trainer.logits(new Inputs.Documents(set.test().batch(some)));
      for (int i = 0; i < some.size(); i++) {
        scores.add(set.test().label(some.get(i)), largest(logits[i]));
      }
    }
    return scores;
  }

  private static int largest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
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
