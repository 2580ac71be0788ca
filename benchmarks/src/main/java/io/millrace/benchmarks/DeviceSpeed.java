package io.millrace.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.PackedBatch;
import io.millrace.tensor.engine.OperationProfile;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;

/** How fast a device trains, and what it does meanwhile. */
final class DeviceSpeed {

  /** Tokens of a document. */
  static final int LENGTH = 512;

  private static final int WARM = 8;
  private static final int ROUNDS = 5;
  private static final double RATE = 1e-4;
  private static final int PEAK_SIZE = 8192;
  private static final int PEAK_TIMES = 20;

  private final TensorEngine engine;
  private final double peak;

  /** Measures the product peak first. */
  DeviceSpeed(TensorEngine engine) {
    this(engine, peak(engine, PEAK_SIZE, PEAK_TIMES));
  }

  DeviceSpeed(TensorEngine engine, double peak) {
    this.engine = engine;
    this.peak = peak;
  }

  /** FLOP/s of bfloat16 products. */
  double peak() {
    return peak;
  }

  /** FLOP/s of bfloat16 products of two square matrices of that size. */
  static double peak(TensorEngine engine, int size, int times) {
    bf16Products(engine, size, times);
    double few = bf16Products(engine, size, times);
    double many = bf16Products(engine, size, 2 * times);
    // What is left is the second half of the products, without their operands.
    return 2.0 * size * size * size * times / Math.max(many - few, 1e-9);
  }

  private static double bf16Products(TensorEngine engine, int size, int times) {
    Kernels kernels = Kernels.shared(engine, GemmPeak.class, "limits.py");
    try (NDManager scratch = engine.newManager()) {
      NDArray like = scratch.zeros(new Shape(1));
      long begin = System.nanoTime();
      kernels.run(scratch, "bf16_products", like, size, times).singletonOrThrow().getFloat();
      return (System.nanoTime() - begin) / 1e9;
    }
  }

  /**
   * Trains on documents of one length, of random tokens.
   *
   * @param what printed in front
   * @param packs documents of a step
   */
  void training(String what, LanguageTrainer trainer, int packs, PrintStream out)
      throws IOException {
    Random random = new Random(1);
    int[][] documents = new int[packs][];
    Arrays.setAll(documents, i -> random.ints(LENGTH, 0, trainer.config().vocabSize()).toArray());
    training(what, trainer, PackedBatch.of(documents), LENGTH, WARM, ROUNDS, out);
  }

  /**
   * Trains on one batch again and again.
   *
   * @param what printed in front
   * @param warm steps before those that are counted: a device loads kernels for every new shape
   * @param rounds of which the median is printed
   * @param documentLength of the batch's documents
   */
  void training(
      String what,
      LanguageTrainer trainer,
      PackedBatch batch,
      int documentLength,
      int warm,
      int rounds,
      PrintStream out)
      throws IOException {
    for (int step = 0; step < warm; step++) {
      trainer.step(batch, RATE);
    }
    Rates rates = new Rates();
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      trainer.step(batch, RATE);
      rates.add(batch.tokens() / ((System.nanoTime() - begin) / 1e9));
    }
    LanguageConfig config = trainer.config();
    double flops = rates.median() * Flops.trainingPerToken(config, documentLength);
    OperationProfile profile = OperationProfile.of(engine, () -> trainer.step(batch, RATE));
    double step = batch.tokens() / rates.median();
    out.printf(
        "%s: %,d parameters, %d tokens a step, training %,.0f tokens/s (%s), %.1f TFLOP/s, %.1f %%"
            + " of the product peak; %,d operations a step%s%s%n",
        what,
        trainer.parameters(),
        batch.tokens(),
        rates.median(),
        rates.range("%,.0f"),
        flops / 1e12,
        100 * flops / peak,
        profile.operations(),
        busy(profile, step),
        memory(engine.device()));
  }

  private static String busy(OperationProfile profile, double step) {
    OptionalDouble seconds = profile.deviceSeconds();
    return seconds.isPresent()
        ? ", device busy %.0f %%".formatted(100 * Math.min(1, seconds.getAsDouble() / step))
        : "";
  }

  /** libtorch keeps what it has taken, so that this is the most that it needed. */
  private static String memory(Device device) {
    return device.isGpu()
        ? ", %.1f GiB of its memory taken"
            .formatted(CudaUtils.getGpuMemory(device).getUsed() / Math.pow(2, 30))
        : "";
  }
}
