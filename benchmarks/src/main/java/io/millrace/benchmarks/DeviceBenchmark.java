package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.model.ScaledProducts;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.PackedBatch;
import io.millrace.language.train.Precision;
import io.millrace.language.train.Recomputation;
import io.millrace.language.train.StepReport;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Whether a device computes what the processor does, from the same seeds: losses of some training
 * steps in every precision, before and after a checkpoint is restored, logits of decoding, losses
 * of the detector; then how fast it trains.
 */
final class DeviceBenchmark implements Benchmark {

  private static final int VOCABULARY = 1024;
  private static final int STEPS = 4;
  private static final double RATE = 1e-3;
  private static final int PACKS = 64;
  private static final int DECODED = 100;
  private static final int SCENE = 128;
  private static final int SCENES = 8;

  @Override
  public String name() {
    return "device";
  }

  @Override
  public String description() {
    return "device [auto|cpu|cuda:N]: a device's results against the processor's, and its speed";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    TensorEngine device = TensorEngine.start(arguments.isEmpty() ? "auto" : arguments.get(0));
    TensorEngine processor = TensorEngine.start("cpu");
    out.printf(
        "%s; FP8 by tensor cores: %s%n",
        device.describe(), ScaledProducts.work(device) ? "yes" : "no, emulated");
    for (String preset : List.of("nano", "micro")) {
      for (Precision precision : Precision.values()) {
        compare(preset, "silu", precision, /* recompute= */ 0, processor, device, out);
      }
      compare(preset, "silu", Precision.F32, /* recompute= */ 2, processor, device, out);
    }
    compare("nano", "gelu", Precision.F32, /* recompute= */ 0, processor, device, out);
    compare("nano", "gelu", Precision.F32, /* recompute= */ 1, processor, device, out);
    out.printf(
        "detector: losses and best score %.1e apart%n",
        apart(detectorLosses(processor), detectorLosses(device)));
    // What a processor reaches is what `train` measures.
    if (!device.device().isGpu()) {
      return;
    }
    DeviceSpeed speed = new DeviceSpeed(device);
    out.printf("product peak in bfloat16 %.0f TFLOP/s%n", speed.peak() / 1e12);
    for (String preset : List.of("nano", "micro", "small")) {
      for (Precision precision : Precision.values()) {
        speed(preset, precision, speed, device, out);
      }
    }
  }

  private static void compare(
      String preset,
      String activation,
      Precision precision,
      int recompute,
      TensorEngine processor,
      TensorEngine device,
      PrintStream out)
      throws IOException {
    LanguageConfig config = config(preset, activation);
    LanguageTrainingSettings settings =
        LanguageTrainingSettings.deepSeek().with(precision).with(new Recomputation(recompute));
    String layers = recompute == 0 ? "" : ", every layer / " + recompute + " again";
    Figures expected = figures(processor, config, settings);
    Figures found = figures(device, config, settings);
    out.printf(
        "%-36s first step, apart by: loss %.1e, gradient norm %.1e; after %d steps and a restored"
            + " checkpoint: losses %.1e, held out %.1e, logits %.1e%n",
        preset + " " + activation + " " + precision.key() + layers,
        apart(expected.losses().subList(0, 1), found.losses().subList(0, 1)),
        apart(List.of(expected.gradientNorm()), List.of(found.gradientNorm())),
        STEPS,
        apart(expected.losses(), found.losses()),
        apart(List.of(expected.heldOut()), List.of(found.heldOut())),
        distance(expected.logits(), found.logits()));
  }

  /** Largest relative difference. */
  private static double apart(List<Double> expected, List<Double> found) {
    double most = 0;
    for (int i = 0; i < expected.size(); i++) {
      most = Math.max(most, Math.abs(found.get(i) / expected.get(i) - 1));
    }
    return most;
  }

  /** Norm of the difference over the norm. */
  private static double distance(List<Float> expected, List<Float> found) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.size(); i++) {
      difference += Math.pow(found.get(i) - expected.get(i), 2);
      norm += Math.pow(expected.get(i), 2);
    }
    return Math.sqrt(difference / norm);
  }

  /**
   * What a model does on a device.
   *
   * @param losses of training steps from its seed, the last one from a restored checkpoint
   * @param gradientNorm of the first step
   * @param heldOut loss after all of them
   * @param logits of the checkpoint, behind a prompt and one decoded token
   */
  private record Figures(
      List<Double> losses, double gradientNorm, double heldOut, List<Float> logits) {}

  private static Figures figures(
      TensorEngine engine, LanguageConfig config, LanguageTrainingSettings settings)
      throws IOException {
    List<Double> losses = new ArrayList<>();
    PackedBatch batch = documents(2, 600, 40, 300, 300, 70);
    Path folder = Files.createTempDirectory("millrace-device");
    double gradientNorm;
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, settings, 1)) {
      StepReport first = trainer.step(batch, RATE);
      gradientNorm = first.gradientNorm();
      losses.add(first.loss());
      for (int step = 1; step < STEPS; step++) {
        losses.add(trainer.step(batch, RATE).loss());
      }
      trainer.save(folder);
    }
    List<Float> logits = new ArrayList<>();
    int[] prompt = new Random(4).ints(300, 0, VOCABULARY).toArray();
    try (LanguageModel model = LanguageModel.load(engine, folder);
        Generation generation = model.start(prompt, 8, SamplingSettings.greedy())) {
      generation.next();
      for (float logit : generation.logits()) {
        logits.add(logit);
      }
    }
    try (LanguageTrainer trainer = LanguageTrainer.restore(engine, folder, settings)) {
      losses.add(trainer.step(batch, RATE).loss());
      double heldOut = trainer.evaluate(documents(3, 500, 100)).mean();
      return new Figures(losses, gradientNorm, heldOut, logits);
    }
  }

  private static List<Double> detectorLosses(TensorEngine engine) {
    DetectorConfig config = DetectorPresets.of("nano", SceneRenderer.classes(), SCENE, SCENE);
    SampleBatch batch = scenes();
    List<Double> losses = new ArrayList<>();
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 1)) {
      for (int step = 0; step < STEPS; step++) {
        losses.add(trainer.step(batch, RATE).loss());
      }
      losses.add(trainer.detect(batch, 0.0, 100).getFirst().getFirst().score());
    }
    return losses;
  }

  private static void speed(
      String preset, Precision precision, DeviceSpeed speed, TensorEngine device, PrintStream out)
      throws IOException {
    LanguageConfig config = LanguageConfig.preset(preset, VOCABULARY, 0);
    LanguageTrainingSettings settings = LanguageTrainingSettings.deepSeek().with(precision);
    try (LanguageTrainer trainer = LanguageTrainer.create(device, config, settings, 1)) {
      speed.training(preset + " " + precision.key(), trainer, PACKS, out);
      if (precision == Precision.F32) {
        out.printf(
            "%s: decoding %,.0f tokens/s in one stream%n", preset, decoding(device, trainer));
      }
    }
  }

  private static double decoding(TensorEngine device, LanguageTrainer trainer) throws IOException {
    Path folder = Files.createTempDirectory("millrace-device");
    trainer.save(folder);
    try (LanguageModel model = LanguageModel.load(device, folder);
        Generation generation =
            model.start(new int[] {1, 2, 3}, 2 * DECODED, SamplingSettings.greedy())) {
      long begin = 0;
      for (int i = 0; i < 2 * DECODED; i++) {
        if (i == DECODED) {
          begin = System.nanoTime();
        }
        generation.next();
      }
      return DECODED / ((System.nanoTime() - begin) / 1e9);
    }
  }

  private static LanguageConfig config(String preset, String activation) throws IOException {
    Path folder = Files.createTempDirectory("millrace-device");
    ConfigFile.write(LanguageConfig.preset(preset, VOCABULARY, 0), folder);
    return ConfigFile.read(folder, Map.of("hidden_act", activation));
  }

  private static PackedBatch documents(long seed, int... lengths) {
    Random random = new Random(seed);
    return PackedBatch.of(
        Arrays.stream(lengths)
            .mapToObj(length -> random.ints(length, 0, VOCABULARY).toArray())
            .toArray(int[][]::new));
  }

  private static SampleBatch scenes() {
    SceneRenderer renderer = new SceneRenderer(SCENE, SCENE, 1);
    List<Picture> pictures = new ArrayList<>();
    List<List<LabelledBox>> boxes = new ArrayList<>();
    for (int i = 0; i < SCENES; i++) {
      Scene scene = renderer.render(i);
      pictures.add(scene.picture());
      boxes.add(scene.boxes());
    }
    return SampleBatch.of(pictures, boxes);
  }
}
