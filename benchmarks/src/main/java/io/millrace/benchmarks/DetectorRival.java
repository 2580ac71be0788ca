package io.millrace.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.head.MtcnnHead;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trains and runs a detector here and in PyTorch, in turns on the same cores: same first weights,
 * same batches, same optimizer, so that the losses must agree; but for what heads draw at random.
 */
final class DetectorRival {

  static final String SIZE = "detector";

  private static final int BATCHES = 8;
  private static final int STEPS = 8;
  private static final int PICTURES = 40;
  private static final int ROUNDS = 5;
  private static final double RATE = 1e-3;

  private final TensorEngine engine;
  private final int threads;
  private final PrintStream out;
  private final Job job;
  private final List<SampleBatch> batches = new ArrayList<>();
  private final List<Picture> pictures = new ArrayList<>();
  private int done;

  private DetectorRival(TensorEngine engine, int threads, PrintStream out, Job job) {
    this.engine = engine;
    this.threads = threads;
    this.out = out;
    this.job = job;
  }

  /**
   * What is compared.
   *
   * @param preset of a detector with a residual backbone or a thin Darknet, or of MTCNN
   * @param classes how many are told apart; scenes may have fewer, but scores are of all
   * @param side of the pictures in pixels
   * @param batch pictures a step
   */
  private record Job(String preset, int classes, int side, int batch) {

    private static final List<String> ALL =
        List.of(
            "nano",
            "fcos-nano",
            "retinanet-nano",
            "ssd-nano",
            "s3fd-nano",
            "yolo-v1-nano",
            "faster-rcnn-nano",
            "mtcnn");

    /** {@code PRESET[:CLASSES[:SIDE[:BATCH]]]}. */
    static Job of(String text) {
      String[] parts = text.split(":", -1);
      return new Job(
          parts[0],
          number(parts, 1, parts[0].equals("mtcnn") ? 1 : SceneRenderer.classes().size()),
          number(parts, 2, 320),
          number(parts, 3, 8));
    }

    private static int number(String[] parts, int place, int otherwise) {
      return parts.length > place ? Integer.parseInt(parts[place]) : otherwise;
    }

    DetectorConfig config() {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < classes; i++) {
        names.add("class " + i);
      }
      DetectorConfig config = DetectorPresets.of(preset, names, side, side);
      // Of the other side's networks, none learns from what another finds.
      return config.head() instanceof MtcnnHead chained
          ? config.withHead(chained.unchained())
          : config;
    }

    /** The boxes of a scene; where there are fewer classes, some are taken together. */
    List<LabelledBox> boxes(Scene scene) {
      return scene.boxes().stream()
          .map(one -> new LabelledBox(one.box(), one.classIndex() % classes, /* crowd= */ false))
          .toList();
    }
  }

  /**
   * Compares one after the other.
   *
   * @param jobs {@code PRESET[:CLASSES[:SIDE[:BATCH]]]}; none: one of each kind that PyTorch has a
   *     side for
   */
  static void compareAll(TensorEngine engine, int threads, PrintStream out, List<String> jobs)
      throws IOException {
    for (String job : jobs.isEmpty() ? Job.ALL : jobs) {
      new DetectorRival(engine, threads, out, Job.of(job)).compare();
    }
  }

  private void compare() throws IOException {
    Path folder = Files.createTempDirectory("millrace-rival");
    DetectorConfig config = job.config();
    DetectorTrainingSettings settings =
        DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none());
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, config, settings, 1)) {
      trainer.save(folder);
      writeBatches(folder);
      try (Detector detector = Detector.load(engine, folder);
          RivalProcess rival =
              RivalProcess.start("rival_detector.py", folder, threads, job.batch())) {
        Sides training = new Sides();
        Sides detecting = new Sides();
        double first = train(trainer, 1, new Sides());
        double rivalFirst = rival.ask("train 1 " + RATE).get("loss").asDouble();
        double loss = train(trainer, STEPS, new Sides());
        JsonNode answer = rival.ask("train %d %s".formatted(STEPS, RATE));
        double rivalLoss = answer.get("loss").asDouble();
        for (int round = 0; round < ROUNDS; round++) {
          loss = train(trainer, STEPS, training);
          answer = rival.ask("train %d %s".formatted(STEPS, RATE));
          training.addThere(STEPS * job.batch(), answer);
          rivalLoss = answer.get("loss").asDouble();
          detect(detector, detecting);
          answer = rival.ask("detect " + PICTURES);
          detecting.addThere(PICTURES, answer);
        }
        out.printf(
            "detector %s, %,d parameters, %d classes, %d x %d, %d pictures a step, %d threads, %s; loss of the first step %.6f and %.6f, after %d steps %.4f and %.4f%n",
            job.preset(),
            trainer.parameters(),
            job.classes(),
            job.side(),
            job.side(),
            job.batch(),
            threads,
            answer.get("versions").asString(),
            first,
            rivalFirst,
            done,
            loss,
            rivalLoss);
        training.report("training", out);
        detecting.report("detecting", out);
        double products = rival.ask("shares " + STEPS).get("products").asDouble();
        out.printf(
            "of a training step there, %.0f %% are convolutions and matrix products: by the same ones, %.2f times as fast is the most%n",
            100 * products, 1 / products);
      }
    }
  }

  /** Pictures a second by the clock, and a second of the processors' time, which others share. */
  private static final class Sides {

    private final Rates here = new Rates();
    private final Rates there = new Rates();
    private final Rates cpuHere = new Rates();
    private final Rates cpuThere = new Rates();

    void addHere(int pictures, long nanos, long cpuNanos) {
      here.add(pictures / (nanos / 1e9));
      cpuHere.add(pictures / (cpuNanos / 1e9));
    }

    void addThere(int pictures, JsonNode answer) {
      there.add(pictures / answer.get("seconds").asDouble());
      cpuThere.add(pictures / answer.get("cpu").asDouble());
    }

    void report(String what, PrintStream out) {
      Rates ratio = here.over(there);
      out.printf(
          "%-9s %,.1f pictures/s here, %,.1f there: %.2f times as fast (median of %d rounds, %s); by processor time %.2f%n",
          what,
          here.median(),
          there.median(),
          ratio.median(),
          ROUNDS,
          ratio.range("%.2f"),
          cpuHere.over(cpuThere).median());
    }
  }

  private static long processorTime() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private double train(DetectorTrainer trainer, int steps, Sides sides) {
    long begin = System.nanoTime();
    long processors = processorTime();
    double loss = 0;
    for (int i = 0; i < steps; i++) {
      loss = trainer.step(batches.get(done++ % BATCHES), RATE).loss();
    }
    sides.addHere(steps * job.batch(), System.nanoTime() - begin, processorTime() - processors);
    return loss;
  }

  /** A picture a call, as serving does it. */
  private void detect(Detector detector, Sides sides) {
    long begin = System.nanoTime();
    long processors = processorTime();
    for (int i = 0; i < PICTURES; i++) {
      detector.detect(pictures.get(i % BATCHES), /* minScore= */ 0.01, /* max= */ 100);
    }
    sides.addHere(PICTURES, System.nanoTime() - begin, processorTime() - processors);
  }

  /** Rendered scenes for all rounds, also written for the other side. */
  private void writeBatches(Path folder) throws IOException {
    SceneRenderer renderer = new SceneRenderer(job.side(), job.side(), 1);
    List<List<double[]>> rows = new ArrayList<>();
    try (OutputStream pixels = Files.newOutputStream(folder.resolve("pixels.bin"))) {
      for (int at = 0; at < BATCHES; at++) {
        List<Scene> scenes = new ArrayList<>();
        rows.add(new ArrayList<>());
        for (int picture = 0; picture < job.batch(); picture++) {
          Scene scene = renderer.render(at * job.batch() + picture);
          scenes.add(scene);
          pixels.write(scene.picture().rgb());
          for (LabelledBox one : job.boxes(scene)) {
            rows.getLast().add(row(picture, one));
          }
        }
        pictures.add(scenes.getFirst().picture());
        batches.add(
            SampleBatch.of(
                scenes.stream().map(Scene::picture).toList(),
                scenes.stream().map(job::boxes).toList()));
      }
    }
    Files.write(folder.resolve("boxes.json"), JsonMapper.shared().writeValueAsBytes(rows));
  }

  private static double[] row(int picture, LabelledBox one) {
    return new double[] {
      picture,
      one.classIndex(),
      one.box().x() + one.box().width() / 2,
      one.box().y() + one.box().height() / 2,
      one.box().width(),
      one.box().height()
    };
  }
}
