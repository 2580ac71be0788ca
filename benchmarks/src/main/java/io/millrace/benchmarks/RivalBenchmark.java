package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.PackedBatch;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.AdamWSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/**
 * Trains and decodes the same model here and with Hugging Face transformers on PyTorch, in turns on
 * the same cores: same first weights, same batches, same optimizer, so that the losses must agree.
 */
final class RivalBenchmark implements Benchmark {

  /**
   * @param steps optimizer steps a round
   */
  private record Job(String size, int packs, int length, int steps, int tokens) {}

  private static final List<Job> JOBS =
      List.of(new Job("small", 12, 64, 40, 200), new Job("large", 8, 256, 4, 100));

  private static final int ROUNDS = 5;
  private static final double RATE = 1e-3;

  /** What transformers' loss is made of: no balance loss, no moving biases. */
  private static final LanguageTrainingSettings SETTINGS = plain();

  @Override
  public String name() {
    return "rival";
  }

  @Override
  public String description() {
    return "rival [small|large|detector|classify] [THREADS] [PRESET[:CLASSES[:SIDE[:BATCH]]] ...]: against Hugging Face"
        + " transformers, detectors and classifiers against PyTorch (MILLRACE_PYTHON)";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    int threads =
        arguments.size() > 1
            ? Integer.parseInt(arguments.get(1))
            : Runtime.getRuntime().availableProcessors();
    TensorEngine engine = TensorEngine.start("cpu");
    TensorEngine.enterThread(threads);
    if (arguments.isEmpty() || arguments.getFirst().equals(DetectorRival.SIZE)) {
      List<String> jobs = arguments.subList(Math.min(2, arguments.size()), arguments.size());
      DetectorRival.compareAll(engine, threads, out, jobs);
    }
    if (arguments.isEmpty() || arguments.getFirst().equals(ClassifierRival.SIZE)) {
      ClassifierRival.compareAll(engine, threads, out);
    }
    for (Job job : JOBS) {
      if (arguments.isEmpty() || arguments.getFirst().equals(job.size())) {
        compare(engine, job, threads, out);
      }
    }
  }

  private static void compare(TensorEngine engine, Job job, int threads, PrintStream out)
      throws IOException {
    Path folder = Files.createTempDirectory("millrace-rival");
    LanguageConfig config = config(job, folder);
    List<PackedBatch> batches = batches(job, config.vocabSize(), folder);
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, SETTINGS, 1)) {
      trainer.save(folder);
      try (LanguageModel model = LanguageModel.load(engine, folder);
          RivalProcess rival =
              RivalProcess.start("rival.py", folder, threads, job.packs(), job.length())) {
        JsonNode choice = rival.ask("tune");
        double peak = GemmPeak.measure(engine);
        warmUp(trainer, model, rival, batches, job);
        Rates training = new Rates();
        Rates rivalTraining = new Rates();
        Rates decoding = new Rates();
        Rates rivalDecoding = new Rates();
        Rates rivalGenerating = new Rates();
        double loss = 0;
        double rivalLoss = 0;
        int at = job.steps();
        for (int round = 0; round < ROUNDS; round++) {
          long begin = System.nanoTime();
          for (int i = 0; i < job.steps(); i++) {
            loss = trainer.step(batches.get(at++ % batches.size()), RATE).loss();
          }
          double trained = (double) job.steps() * job.packs() * job.length();
          training.add(trained / seconds(begin));
          JsonNode answer = rival.ask("train %d %s".formatted(job.steps(), RATE));
          rivalTraining.add(trained / answer.get("seconds").asDouble());
          rivalLoss = answer.get("loss").asDouble();
          // One thread decodes a single stream as fast as all of them, and serving gives it one.
          decoding.add(job.tokens() / TensorEngine.onOneThread(() -> decode(model, job.tokens())));
          answer = rival.ask("decode " + job.tokens());
          rivalDecoding.add(job.tokens() / answer.get("seconds").asDouble());
          answer = rival.ask("generate " + job.tokens());
          rivalGenerating.add(job.tokens() / answer.get("seconds").asDouble());
        }
        out.printf(
            "%s: %,d parameters, %,d active, %d x %d tokens a step, %d threads, %s (experts: %s)%n",
            job.size(),
            trainer.parameters(),
            trainer.activeParameters(),
            job.packs(),
            job.length(),
            threads,
            choice.get("versions").asString(),
            choice.get("experts").asString());
        report(out, "training", training, rivalTraining);
        double flops = Flops.trainingPerToken(config, job.length());
        out.printf(
            "          share of the f32 GEMM peak of %.0f GFLOP/s: %.0f %% here, %.0f %% there; loss after %d steps %.4f and %.4f%n",
            peak / 1e9,
            100 * training.median() * flops / peak,
            100 * rivalTraining.median() * flops / peak,
            at,
            loss,
            rivalLoss);
        report(out, "decoding", decoding, rivalDecoding);
        report(out, "  against generate()", decoding, rivalGenerating);
      }
    }
  }

  private static void warmUp(
      LanguageTrainer trainer,
      LanguageModel model,
      RivalProcess rival,
      List<PackedBatch> batches,
      Job job)
      throws IOException {
    for (int i = 0; i < job.steps(); i++) {
      trainer.step(batches.get(i), RATE);
    }
    decode(model, job.tokens());
    rival.ask("train %d %s".formatted(job.steps(), RATE));
    rival.ask("decode " + job.tokens());
  }

  private static void report(PrintStream out, String what, Rates here, Rates there) {
    Rates ratio = here.over(there);
    out.printf(
        "%-9s %,.0f tokens/s here, %,.0f there: %.2f times as fast (median of %d rounds, %s)%n",
        what, here.median(), there.median(), ratio.median(), ROUNDS, ratio.range("%.2f"));
  }

  private static double decode(LanguageModel model, int tokens) {
    try (Generation generation =
        model.start(new int[] {1, 2, 3, 4}, tokens, SamplingSettings.greedy())) {
      long begin = System.nanoTime();
      for (int i = 0; i < tokens; i++) {
        generation.next();
      }
      return seconds(begin);
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private static LanguageConfig config(Job job, Path folder) throws IOException {
    try (InputStream in =
        RivalBenchmark.class.getResourceAsStream("rival-" + job.size() + ".json")) {
      Files.write(folder.resolve(ConfigFile.NAME), in.readAllBytes());
    }
    return ConfigFile.read(folder);
  }

  /** Random tokens for all rounds, also written to tokens.bin. */
  private static List<PackedBatch> batches(Job job, int vocabulary, Path folder)
      throws IOException {
    Random random = new Random(1);
    int count = job.steps() * (ROUNDS + 1);
    ByteBuffer all =
        ByteBuffer.allocate(count * job.packs() * job.length() * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    List<PackedBatch> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[][] documents = new int[job.packs()][job.length()];
      for (int[] document : documents) {
        for (int t = 0; t < document.length; t++) {
          document[t] = random.nextInt(vocabulary);
          all.putInt(document[t]);
        }
      }
      batches.add(PackedBatch.of(documents));
    }
    Files.write(folder.resolve("tokens.bin"), all.array());
    return batches;
  }

  private static LanguageTrainingSettings plain() {
    return new LanguageTrainingSettings(AdamWSettings.deepSeek(), 0, 0, 0);
  }
}
