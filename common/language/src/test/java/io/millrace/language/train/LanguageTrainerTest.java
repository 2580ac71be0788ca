package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageTrainerTest {

  static final LanguageConfig TINY =
      new LanguageConfig(
          61,
          32,
          48,
          16,
          3,
          2,
          24,
          16,
          8,
          8,
          12,
          8,
          1,
          2,
          4,
          2,
          true,
          2.5,
          1,
          1,
          128,
          1e-6,
          10_000,
          0.1,
          false,
          0,
          null,
          Activation.SILU,
          false,
          false,
          false);
  private static final LanguageTrainingSettings SETTINGS = LanguageTrainingSettings.deepSeek();

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @CsvSource({"0, F32", "0.4, F32", "0, BF16", "0, FP8", "0, TF32"})
  void goesOnBitForBitAfterARestore(double emaDecay, Precision precision) throws IOException {
    LanguageTrainingSettings settings = SETTINGS.withEma(emaDecay).with(precision);
    Path middle = directory.resolve("middle");
    Path straight = directory.resolve("straight");
    Path resumed = directory.resolve("resumed");
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, TINY, settings, 7)) {
      for (int step = 0; step < 3; step++) {
        trainer.step(batch(step), 1e-2);
      }
      trainer.save(middle);
      for (int step = 3; step < 6; step++) {
        trainer.step(batch(step), 1e-2);
      }
      trainer.save(straight);
    }
    try (LanguageTrainer trainer = LanguageTrainer.restore(engine, middle, settings)) {
      assertThat(trainer.steps()).isEqualTo(3);
      for (int step = 3; step < 6; step++) {
        trainer.step(batch(step), 1e-2);
      }
      trainer.save(resumed);
    }
    List<String> files =
        new ArrayList<>(List.of("config.json", "model.safetensors", "optimizer.safetensors"));
    if (emaDecay > 0) {
      files.add("raw.safetensors");
    }
    assertThat(resumed.toFile().list()).containsExactlyInAnyOrderElementsOf(files);
    for (String file : files) {
      assertThat(Files.mismatch(straight.resolve(file), resumed.resolve(file)))
          .as(file)
          .isEqualTo(-1);
    }
  }

  @Test
  void storesMomentsInHalfTheBytesAndGoesOnInItsOwnPrecisionAlone() throws IOException {
    long[] bytes = new long[Precision.values().length];
    for (Precision precision : Precision.values()) {
      Path saved = directory.resolve(precision.key());
      try (LanguageTrainer trainer =
          LanguageTrainer.create(engine, TINY, SETTINGS.with(precision), 7)) {
        trainer.step(batch(0), 1e-2);
        trainer.save(saved);
      }
      bytes[precision.ordinal()] = Files.size(saved.resolve("optimizer.safetensors"));
    }
    assertThat((double) bytes[1] / bytes[0]).isBetween(0.5, 0.6);
    assertThat(bytes[2]).isBetween(bytes[1] - 8, bytes[1] + 8);
    assertThat(bytes[3]).isBetween(bytes[0] - 8, bytes[0] + 8);
    assertThatThrownBy(() ->
            LanguageTrainer.restore(
                engine, directory.resolve("bf16"), SETTINGS.with(Precision.FP8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was in precision bf16 and cannot go on in fp8");
  }

  @Test
  void refusesPrecisionsForShapesThatAreNotWrittenByHand() {
    LanguageConfig config = withHiddenActAndMlpBias();
    assertThatThrownBy(
            () -> LanguageTrainer.create(engine, config, SETTINGS.with(Precision.FP8), 7))
        .hasMessageContaining("cannot be trained in fp8")
        .hasMessageContaining("hidden_act gelu instead of silu and mlp_bias")
        .hasMessageContaining("train it in f32");
    LanguageTrainer.create(engine, config, SETTINGS, 7).close();
    assertThatThrownBy(() -> Precision.of("fp16"))
        .hasMessage("precision must be one of f32, bf16, fp8, tf32; it is 'fp16'");
  }

  /** Nothing of it is written by hand, so that it is computed on bfloat16 tensors everywhere. */
  @Test
  void learnsInBf16WhatIsNotWrittenByHand() throws IOException {
    LanguageConfig config = withHiddenActAndMlpBias();
    LanguageTrainingSettings rounded = SETTINGS.with(Precision.BF16);
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, rounded, 7);
        LanguageTrainer exact = LanguageTrainer.create(engine, config, SETTINGS, 7)) {
      for (int i = 0; i < 5; i++) {
        double loss = trainer.step(batch(i), 1e-3).loss();
        double expected = exact.step(batch(i), 1e-3).loss();
        assertThat(loss).isNotEqualTo(expected).isCloseTo(expected, withinPercentage(1.5));
      }
      trainer.save(directory);
    }
    LanguageTrainer.restore(engine, directory, rounded).close();
  }

  private static LanguageConfig withHiddenActAndMlpBias() {
    return new LanguageConfig(
        61,
        32,
        48,
        16,
        3,
        2,
        24,
        16,
        8,
        8,
        12,
        8,
        1,
        2,
        4,
        2,
        true,
        2.5,
        1,
        1,
        128,
        1e-6,
        10_000,
        0.1,
        false,
        0,
        null,
        Activation.GELU,
        false,
        true,
        false);
  }

  /** Rounding must be seen, but must not lead training elsewhere. */
  @ParameterizedTest
  @CsvSource({"BF16, 1e-5, 3e-3", "FP8, 5e-4, 1e-2"})
  void learnsNearlyWhatFloat32Learns(Precision precision, double least, double most) {
    try (LanguageTrainer plain = LanguageTrainer.create(engine, TINY, SETTINGS, 7);
        LanguageTrainer rounded =
            LanguageTrainer.create(engine, TINY, SETTINGS.with(precision), 7)) {
      double expected = 0;
      double found = 0;
      for (int step = 0; step < 10; step++) {
        expected += plain.step(batch(step), 3e-3).loss();
        found += rounded.step(batch(step), 3e-3).loss();
        if (step == 0) {
          assertThat(Math.abs(found / expected - 1)).isBetween(least, most);
        }
      }
      // A single loss may differ more: early steps of Adam go by the signs of gradients alone.
      assertThat(found / expected).isCloseTo(1, within(most));
    }
  }

  /** FP8 tiles along tokens are those of a micro-batch, so only bfloat16 can be near. */
  @Test
  void microBatchesEqualOneBatchInBfloat16() throws IOException {
    LanguageTrainingSettings settings = SETTINGS.with(Precision.BF16);
    int[][] documents = documents(5, 6);
    try (LanguageTrainer one = LanguageTrainer.create(engine, TINY, settings, 7);
        LanguageTrainer two = LanguageTrainer.create(engine, TINY, settings, 7)) {
      StepReport whole = one.step(PackedBatch.of(documents), 1e-2);
      StepReport parts =
          two.step(
              List.of(
                  PackedBatch.of(documents[0], documents[1]),
                  PackedBatch.of(documents[2], documents[3], documents[4], documents[5])),
              1e-2);
      assertThat(parts.loss()).isCloseTo(whole.loss(), within(1e-3));
      assertThat(parts.gradientNorm() / whole.gradientNorm()).isCloseTo(1, within(1e-2));
    }
  }

  /** By the hand-written step, and by autograd without and with layers that are computed again. */
  @ParameterizedTest
  @CsvSource({"true, 0", "false, 0", "false, 2"})
  void microBatchesEqualOneBatch(boolean byHand, int recomputeEvery) throws IOException {
    int[][] documents = documents(5, 6);
    LanguageConfig config = byHand ? TINY : withHiddenActAndMlpBias();
    LanguageTrainingSettings settings = SETTINGS.with(new Recomputation(recomputeEvery));
    try (LanguageTrainer one = LanguageTrainer.create(engine, config, settings, 7);
        LanguageTrainer three = LanguageTrainer.create(engine, config, settings, 7)) {
      StepReport whole = one.step(PackedBatch.of(documents), 1e-2);
      StepReport parts =
          three.step(
              List.of(
                  PackedBatch.of(documents[0], documents[1]),
                  PackedBatch.of(documents[2]),
                  PackedBatch.of(documents[3], documents[4], documents[5])),
              1e-2);
      assertThat(parts.loss()).isCloseTo(whole.loss(), within(1e-5));
      assertThat(parts.mtpLoss()).isCloseTo(whole.mtpLoss(), within(1e-5));
      assertThat(parts.balanceLoss()).isCloseTo(whole.balanceLoss(), within(1e-5));
      assertThat(parts.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-4));
      assertThat(parts.targets()).isEqualTo(whole.targets());
      assertThat(parts.tokens()).isEqualTo(whole.tokens());
      assertThat(three.expertLoad()).containsExactly(one.expertLoad(), within(1e-12));
      assertThat(three.expertLoads()).hasNumberOfRows(3);
      for (double[] layer : three.expertLoads()) {
        assertThat(Arrays.stream(layer).sum()).isCloseTo(1, within(1e-12));
      }
    }
  }

  /** Training goes its way; what is evaluated and served is the average of float64 arithmetic. */
  @Test
  void publishesTheAverageOfTheWeights() throws IOException {
    Path plainly = directory.resolve("plainly");
    Path averaged = directory.resolve("averaged");
    double decay = 0.4;
    try (LanguageTrainer plain = LanguageTrainer.create(engine, TINY, SETTINGS, 7);
        LanguageTrainer trainer =
            LanguageTrainer.create(engine, TINY, SETTINGS.withEma(decay), 7)) {
      plain.save(plainly);
      Map<String, double[]> expected = weights(plainly.resolve("model.safetensors"));
      for (int step = 1; step <= 6; step++) {
        assertThat(trainer.step(batch(step), 1e-2)).isEqualTo(plain.step(batch(step), 1e-2));
        plain.save(plainly);
        double kept = Math.min(decay, (1.0 + step) / (10.0 + step));
        weights(plainly.resolve("model.safetensors"))
            .forEach((name, now) -> {
              double[] average = Objects.requireNonNull(expected.get(name));
              boolean learned = !name.endsWith("e_score_correction_bias");
              for (int i = 0; i < now.length; i++) {
                average[i] = learned ? kept * average[i] + (1 - kept) * now[i] : now[i];
              }
            });
      }
      trainer.save(averaged);
      Map<String, double[]> found = weights(averaged.resolve("model.safetensors"));
      assertThat(found).hasSameSizeAs(expected);
      expected.forEach((name, average) ->
          assertThat(found.get(name)).as(name).containsExactly(average, within(1e-6)));
      assertThat(
              Files.mismatch(
                  plainly.resolve("model.safetensors"), averaged.resolve("raw.safetensors")))
          .isEqualTo(-1);
      assertThat(trainer.evaluate(batch(9)).mean()).isNotEqualTo(plain.evaluate(batch(9)).mean());
      Files.delete(averaged.resolve("raw.safetensors"));
      try (LanguageTrainer published = LanguageTrainer.restore(engine, averaged, SETTINGS)) {
        assertThat(published.evaluate(batch(9))).isEqualTo(trainer.evaluate(batch(9)));
      }
    }
  }

  @Test
  void beginsFromThePublishedWeightsWithAFreshOptimizer() throws IOException {
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, TINY, SETTINGS.withEma(0.4), 7)) {
      for (int step = 0; step < 3; step++) {
        trainer.step(batch(step), 1e-2);
      }
      trainer.save(directory);
      try (LanguageTrainer tuned = LanguageTrainer.from(engine, directory, SETTINGS)) {
        assertThat(tuned.steps()).isZero();
        assertThat(tuned.evaluate(batch(9))).isEqualTo(trainer.evaluate(batch(9)));
        tuned.step(batch(9), 1e-3);
        assertThat(tuned.evaluate(batch(9)).sum()).isLessThan(trainer.evaluate(batch(9)).sum());
      }
    }
  }

  @Test
  void refusesToGoOnWithOrWithoutAnAverageOtherThanBefore() throws IOException {
    Path plainly = directory.resolve("plainly");
    Path averaged = directory.resolve("averaged");
    LanguageTrainingSettings averaging = SETTINGS.withEma(0.9);
    try (LanguageTrainer plain = LanguageTrainer.create(engine, TINY, SETTINGS, 7);
        LanguageTrainer trainer = LanguageTrainer.create(engine, TINY, averaging, 7)) {
      plain.save(plainly);
      trainer.save(averaged);
    }
    assertThatThrownBy(() -> LanguageTrainer.restore(engine, plainly, averaging))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no raw.safetensors: its training kept no average");
    assertThatThrownBy(() -> LanguageTrainer.restore(engine, averaged, SETTINGS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has a raw.safetensors: its training kept an average");
  }

  /** Loads are counted in the first forward pass alone, and never when evaluating. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void recomputationTrainsTheSameModel(int every) throws IOException {
    Path without = directory.resolve("without");
    Path with = directory.resolve("with");
    try (LanguageTrainer plain = LanguageTrainer.create(engine, TINY, SETTINGS, 7);
        LanguageTrainer sparing =
            LanguageTrainer.create(engine, TINY, SETTINGS.with(new Recomputation(every)), 7)) {
      for (int step = 0; step < 4; step++) {
        StepReport expected = plain.step(batch(step), 1e-2);
        assertThat(sparing.step(batch(step), 1e-2)).isEqualTo(expected);
        assertThat(sparing.expertLoads()).isDeepEqualTo(plain.expertLoads());
        sparing.evaluate(batch(step + 1));
        sparing.acceptance(batch(step + 1));
        assertThat(sparing.expertLoads()).isDeepEqualTo(plain.expertLoads());
      }
      plain.save(without);
      sparing.save(with);
    }
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertThat(Files.mismatch(without.resolve(file), with.resolve(file))).as(file).isEqualTo(-1);
    }
  }

  /**
   * Sums are over all real targets: parts of other lengths, with other shares of them masked, move
   * the weights as one batch does.
   */
  @Test
  void unevenMicroBatchesMoveTheWeightsAsOneBatch() throws IOException {
    int[][] documents = documents(11, 7);
    try (LanguageTrainer one = LanguageTrainer.create(engine, TINY, SETTINGS, 7);
        LanguageTrainer four = LanguageTrainer.create(engine, TINY, SETTINGS, 7)) {
      for (int step = 0; step < 3; step++) {
        StepReport whole = one.step(masked(0, documents), 1e-3);
        List<PackedBatch> parts =
            List.of(
                masked(0, documents[0]),
                masked(1, documents[1], documents[2], documents[3], documents[4]),
                masked(5, documents[5]),
                masked(6, documents[6]));
        assertThat(parts.stream().mapToLong(part -> part.targets(1)).distinct().count())
            .isGreaterThan(2);
        assertThat(four.step(parts, 1e-3).targets()).isEqualTo(whole.targets());
      }
      one.save(directory.resolve("one"));
      four.save(directory.resolve("four"));
    }
    // The optimizer's means are the gradients, decayed. Weights move by a gradient over its own
    // size, which
    // makes rounding visible where that is small: within 1 % of what three steps can move them.
    Map.of("model.safetensors", 3e-5, "optimizer.safetensors", 1e-5)
        .forEach((file, tolerance) -> {
          Map<String, double[]> expected = weights(directory.resolve("one").resolve(file));
          Map<String, double[]> found = weights(directory.resolve("four").resolve(file));
          expected.forEach((name, values) ->
              assertThat(found.get(name)).as(name).containsExactly(values, within(tolerance)));
        });
  }

  @Test
  void learnsARegularSequence() {
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, TINY, SETTINGS, 7)) {
      int[] counting = new int[60];
      Arrays.setAll(counting, i -> 1 + i % 9);
      PackedBatch batch = PackedBatch.of(counting, counting);
      double first = trainer.evaluate(batch).mean();
      for (int step = 0; step < 60; step++) {
        trainer.step(batch, 1e-2);
      }
      assertThat(first).isCloseTo(Math.log(61), within(0.5));
      assertThat(trainer.evaluate(batch).mean()).isLessThan(0.2);
    }
  }

  @Test
  void decodesWhatTheFullForwardPassPredicts() throws IOException {
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, TINY, SETTINGS, 7)) {
      for (int step = 0; step < 20; step++) {
        trainer.step(batch(step), 1e-2);
      }
      trainer.save(directory);
    }
    int[] prompt = documents(3, 1)[0];
    try (LanguageModel model = LanguageModel.load(engine, directory)) {
      int[] soFar = prompt;
      try (Generation cached = model.start(prompt, 12, SamplingSettings.greedy())) {
        for (int i = 0; i < 12; i++) {
          float[] decoded = cached.logits().clone();
          try (Generation full = model.start(soFar, 1, SamplingSettings.greedy())) {
            assertThat(decoded).containsExactly(full.logits(), within(2e-5f));
          }
          soFar = Arrays.copyOf(soFar, soFar.length + 1);
          soFar[soFar.length - 1] = cached.next();
        }
      }
    }
  }

  private Map<String, double[]> weights(Path file) {
    Map<String, double[]> weights = new HashMap<>();
    try (NDManager manager = engine.newManager();
        SafetensorsFile tensors = SafetensorsFile.open(file)) {
      tensors
          .loadAll(manager)
          .forEach((name, tensor) -> {
            float[] values = tensor.toType(DataType.FLOAT32, false).toFloatArray();
            weights.put(
                name, IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
          });
    }
    return weights;
  }

  /** Documents of which the last tokens are no targets: all but one of the first, and so on. */
  private static PackedBatch masked(int first, int[]... documents) {
    PackedBatch batch = PackedBatch.of(documents);
    byte[] mask = new byte[batch.tokens()];
    for (int i = 0; i < documents.length; i++) {
      int start = batch.documentStarts()[i];
      int targets = Math.min(documents[i].length, 2 + 3 * (first + i));
      Arrays.fill(mask, start, start + targets, (byte) 1);
    }
    return new PackedBatch(batch.tokenIds(), batch.documentStarts(), mask);
  }

  private static PackedBatch batch(int step) {
    return PackedBatch.of(documents(step, 4));
  }

  private static int[][] documents(int seed, int count) {
    Random random = new Random(seed);
    int[][] documents = new int[count][];
    for (int i = 0; i < count; i++) {
      documents[i] = random.ints(3 + random.nextInt(20), 1, 61).toArray();
    }
    return documents;
  }
}
