package io.millrace.benchmarks;

import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.classify.RowInput;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Trains classifiers of rows here and in PyTorch, in turns on the same cores: same first weights,
 * same batches, same optimizer. Rows are standardised here and not there; they are drawn with mean
 * 0 and variance 1, so that the losses must nearly agree.
 */
final class ClassifierRival {

  static final String SIZE = "classify";

  private static final int BATCHES = 32;
  private static final int ROUNDS = 7;
  private static final double RATE = 1e-3;

  /**
   * One layer on vectors, as on a frozen encoder; the default MLP of a table; one of MNIST's size.
   */
  private static final List<Job> JOBS =
      List.of(
          new Job("probe", 512, List.of(), 10, 256, 400),
          new Job("mlp", 32, List.of(64, 64), 3, 256, 400),
          new Job("wide mlp", 784, List.of(512, 256), 10, 256, 60));

  private ClassifierRival() {}

  /**
   * What is compared.
   *
   * @param hidden widths of the hidden layers
   * @param batch rows a step
   * @param steps a round
   */
  private record Job(
      String name, int columns, List<Integer> hidden, int classes, int batch, int steps) {

    ClassifierConfig config() {
      ClassifierHead head =
          hidden.isEmpty()
              ? new ClassifierHead.Linear(true)
              : new ClassifierHead.Mlp(
                  hidden.stream().map(width -> new ClassifierHead.Layer(width, true)).toList(),
                  Activation.RELU,
                  /* dropout= */ 0,
                  /* bias= */ true);
      return ClassifierConfig.of(
          names("class", classes), new RowInput(names("column", columns)), head);
    }

    private static List<String> names(String kind, int count) {
      return IntStream.range(0, count).mapToObj(i -> kind + i).toList();
    }
  }

  static void compareAll(TensorEngine engine, int threads, PrintStream out) throws IOException {
    for (Job job : JOBS) {
      compare(engine, job, threads, out);
    }
  }

  private static void compare(TensorEngine engine, Job job, int threads, PrintStream out)
      throws IOException {
    Path folder = Files.createTempDirectory("millrace-rival");
    int steps = job.steps() * (ROUNDS + 1);
    try (ClassifierTrainer trainer =
        ClassifierTrainer.create(
            engine, job.config(), ClassifierTrainingSettings.standard(steps), 1)) {
      trainer.save(folder);
      List<ExampleBatch> batches = batches(job, folder);
      try (RivalProcess rival =
          RivalProcess.start("rival_classifier.py", folder, threads, job.batch())) {
        Rates here = new Rates();
        Rates there = new Rates();
        double loss = train(trainer, batches, job, new Rates());
        JsonNode answer = rival.ask("train %d %s".formatted(job.steps(), RATE));
        for (int round = 0; round < ROUNDS; round++) {
          loss = train(trainer, batches, job, here);
          answer = rival.ask("train %d %s".formatted(job.steps(), RATE));
          there.add(job.steps() * job.batch() / answer.get("seconds").asDouble());
        }
        Rates ratio = here.over(there);
        out.printf(
            "%s: %d columns, hidden %s, %d classes, %d rows a step, %d threads, %s; loss after %d steps %.4f and %.4f%n",
            job.name(),
            job.columns(),
            job.hidden(),
            job.classes(),
            job.batch(),
            threads,
            answer.get("versions").asString(),
            trainer.steps(),
            loss,
            answer.get("loss").asDouble());
        out.printf(
            "training  %,.0f rows/s here, %,.0f there: %.2f times as fast (median of %d rounds, %s)%n",
            here.median(), there.median(), ratio.median(), ROUNDS, ratio.range("%.2f"));
      }
    }
  }

  private static double train(
      ClassifierTrainer trainer, List<ExampleBatch> batches, Job job, Rates rates) {
    long begin = System.nanoTime();
    double loss = 0;
    for (int i = 0; i < job.steps(); i++) {
      int at = (int) (trainer.steps() % BATCHES);
      loss = trainer.step(List.of(batches.get(at)), RATE).loss();
    }
    rates.add(job.steps() * job.batch() / ((System.nanoTime() - begin) / 1e9));
    return loss;
  }

  /** Rows around a point a class, also written for the other side. */
  private static List<ExampleBatch> batches(Job job, Path folder) throws IOException {
    Random random = new Random(1);
    int rows = BATCHES * job.batch();
    ByteBuffer values =
        ByteBuffer.allocate(rows * job.columns() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer classes = ByteBuffer.allocate(rows * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      int label = random.nextInt(job.classes());
      classes.putLong(label);
      for (int column = 0; column < job.columns(); column++) {
        double centre = column % job.classes() == label ? 0.5 : -0.5 / (job.classes() - 1);
        values.putFloat((float) (centre + random.nextGaussian()));
      }
    }
    Files.write(folder.resolve("rows.bin"), values.array());
    Files.write(folder.resolve("classes.bin"), classes.array());
    List<ExampleBatch> batches = new ArrayList<>();
    values.flip();
    classes.flip();
    for (int at = 0; at < BATCHES; at++) {
      float[] some = new float[job.batch() * job.columns()];
      long[] labels = new long[job.batch()];
      for (int i = 0; i < some.length; i++) {
        some[i] = values.getFloat();
      }
      for (int i = 0; i < labels.length; i++) {
        labels[i] = classes.getLong();
      }
      batches.add(new ExampleBatch(Inputs.Rows.of(some, job.columns()), labels));
    }
    return batches;
  }
}
