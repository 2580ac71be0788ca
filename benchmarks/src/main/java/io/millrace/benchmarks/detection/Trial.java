package io.millrace.benchmarks.detection;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectOptions;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorStep;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import io.millrace.vision.view.Shown;
import io.millrace.vision.view.Viewing;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** One training and its judgement. */
final class Trial implements AutoCloseable {

  private static final int REPORTS = 10;
  private static final double MIN_SCORE = 0.01;
  private static final int MOST = 100;

  private final TensorEngine engine;
  private final PictureCorpus corpus;
  private final Settings settings;
  private final int seed;
  private final PrintStream out;
  private final DetectorTrainer trainer;
  private final Random order;
  private final List<PictureCorpus.Example> left = new ArrayList<>();

  Trial(TensorEngine engine, PictureCorpus corpus, Settings settings, int seed, PrintStream out) {
    this.engine = engine;
    this.corpus = corpus;
    this.settings = settings;
    this.seed = seed;
    this.out = out;
    this.order = new Random(seed);
    this.trainer =
        DetectorTrainer.create(engine, settings.config(corpus.classes()), training(settings), seed);
  }

  private static DetectorTrainingSettings training(Settings settings) {
    AugmentationSettings standard = AugmentationSettings.standard();
    return DetectorTrainingSettings.standard()
        .withAugmentation(
            standard
                .withScale(1 / settings.scale(), settings.scale())
                .withVerticalFlip(settings.verticalFlip()))
        .withEma(settings.ema())
        .withBatchChanges(settings.smallObjects().changes(standard.minVisible()));
  }

  /** COCO's figures on the test part, and what was done a second. */
  Map<String, Double> run() throws IOException {
    LearningRateSchedule schedule =
        new LearningRateSchedule.WarmupCosine(
            settings.rate(),
            settings.rate() / 100,
            Math.min(200, settings.steps() / 10),
            settings.steps());
    int every = Math.max(1, settings.steps() / REPORTS);
    long begin = System.nanoTime();
    for (int step = 1; step <= settings.steps(); step++) {
      DetectorStep done = trainer.step(next(), schedule.at(step));
      if (step % every == 0 || step == settings.steps()) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        out.printf(
            "seed %d, step %,d of %,d: loss %.3f %s, %.1f pictures/s, %.0f s left%n",
            seed,
            step,
            settings.steps(),
            done.loss(),
            done.losses().parts(),
            step * settings.batch() / seconds,
            seconds / step * (settings.steps() - step));
      }
    }
    double training = (System.nanoTime() - begin) / 1e9;
    Map<String, Double> figures = judge();
    figures.put("training pictures/s", settings.steps() * (double) settings.batch() / training);
    return figures;
  }

  private Map<String, Double> judge() throws IOException {
    Path folder = Files.createTempDirectory("millrace-detect");
    try {
      trainer.save(folder);
      try (Detector detector = Detector.load(engine, folder)) {
        return judge(detector);
      }
    } finally {
      delete(folder);
    }
  }

  private Map<String, Double> judge(Detector detector) {
    Judge judge = new Judge(corpus.classes(), settings.smallObjects());
    Viewing viewing = settings.smallObjects().viewing();
    DetectOptions options =
        new DetectOptions(MIN_SCORE, MOST, viewing, detector.suppression(viewing));
    long detecting = 0;
    for (PictureCorpus.Example example : corpus.test()) {
      SampleBatch batch = batch(List.of(example));
      long begin = System.nanoTime();
      List<Detection> found = detector.detect(List.of(example.original()), options).getFirst();
      detecting += System.nanoTime() - begin;
      judge.add(batch.truth(0), found, example.shown().placement().scale());
    }
    Map<String, Double> figures = judge.figures();
    out.printf("seed %d: %s%n", seed, figures);
    figures.put("detecting pictures/s", corpus.test().size() / (detecting / 1e9));
    return figures;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Pictures in a new random order each time all have been seen. */
  private SampleBatch next() {
    List<PictureCorpus.Example> some = new ArrayList<>();
    while (some.size() < settings.batch()) {
      if (left.isEmpty()) {
        left.addAll(corpus.training());
        Collections.shuffle(left, order);
      }
      some.add(left.removeLast());
    }
    return batch(some);
  }

  private static SampleBatch batch(List<PictureCorpus.Example> examples) {
    List<Shown> shown = examples.stream().map(PictureCorpus.Example::shown).toList();
    List<List<LabelledBox>> boxes = examples.stream().map(PictureCorpus.Example::boxes).toList();
    return SampleBatch.ofShown(shown, boxes);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
