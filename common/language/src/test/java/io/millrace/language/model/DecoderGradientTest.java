package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The training step's gradients in float64, against differences and against documents on their own.
 */
class DecoderGradientTest {

  private static final double[] WEIGHTS = {0.3, 0.1};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({"6, 1, 1, false", "0, 0, 0, false", "0, 1, 2, true"})
  void equalsFiniteDifferences(int queryRank, int dense, int depth, boolean tied) {
    requireFiniteDifferences(config(queryRank, dense, depth, tied));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void equalsFiniteDifferencesWithBiasesAndAnyActivation(Activation activation) {
    requireFiniteDifferences(config(6, 1, 1, false, activation, true));
  }

  private void requireFiniteDifferences(LanguageConfig config) {
    int depth = config.numNextnPredictLayers();
    DecoderLayout layout = new DecoderLayout(config);
    NDList weights = weights(layout);
    double[] normalisers = new double[depth + 2];
    java.util.Arrays.fill(normalisers, 7.0);
    try (DecoderKernels kernels = new DecoderKernels(engine, layout, Products.F32)) {
      Object[] rest = {
        manager.create(new int[] {1, 5, 2, 8, 3, 3, 9, 10, 4, 6, 7}),
        new long[] {0, 4, 5, 11},
        new long[] {0, 4, 5, 11},
        manager.create(new byte[] {1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1}).toType(DataType.UINT8, false),
        normalisers,
        WEIGHTS,
        kernels.shape()
      };
      GradientCheck check = new GradientCheck(1e-6, 6, 1);
      NDList step;
      try (KernelValue learned = kernels.learnedWeights(biases(layout), weights)) {
        step = kernels.kernels().runRecording(manager, "training_step", with(learned, rest));
      }
      NDList gradients = new NDList(step.subList(2, step.size()));
      check
          .compare(
              at -> {
                try (NDManager scratch = manager.newSubManager();
                    KernelValue moved = kernels.weights(biases(layout), at)) {
                  return kernels
                      .kernels()
                      .run(scratch, "training_loss", with(moved, rest))
                      .singletonOrThrow()
                      .getDouble();
                }
              },
              weights,
              gradients)
          .requireBelow(1e-6);
    }
  }

  @Test
  void packedDocumentsEqualSeparateOnes() {
    DecoderLayout layout = new DecoderLayout(config(6, 1, 1, false));
    NDList weights = weights(layout);
    int[][] documents = {{1, 5, 2, 8}, {3}, {9, 10, 4, 6, 7, 1}, {2, 2, 5, 8}};
    int[] all = {1, 5, 2, 8, 3, 9, 10, 4, 6, 7, 1, 2, 2, 5, 8};
    NDList packed = step(layout, weights, all, 0, 4, 5, 11, 15);
    NDArray losses = manager.zeros(new Shape(3), DataType.FLOAT64);
    NDList sums = new NDList();
    for (int[] document : documents) {
      NDList own = step(layout, weights, document, 0, document.length);
      losses.addi(own.get(0));
      for (int i = 2; i < own.size(); i++) {
        if (sums.size() == i - 2) {
          sums.add(own.get(i));
        } else {
          sums.get(i - 2).addi(own.get(i));
        }
      }
    }
    assertThat(distance(packed.get(0), losses)).isLessThan(1e-10);
    for (int i = 2; i < packed.size(); i++) {
      assertThat(distance(packed.get(i), sums.get(i - 2)))
          .as(layout.specs().get(i - 2).name())
          .isLessThan(1e-10);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "6, 1, 1, false, 0",
    "0, 0, 0, false, 0",
    "0, 1, 2, true, 1",
    "6, 2, 3, true, 2",
  })
  void writtenByHandEqualsAutograd(
      int queryRank, int dense, int depth, boolean tied, int recomputeEvery) {
    int[] ids = {1, 5, 2, 8, 3, 3, 9, 10, 4, 6, 7, 9, 9, 2, 4};
    requireAutograd(
        config(queryRank, dense, depth, tied), recomputeEvery, ids, new long[] {0, 4, 8, 9, 15});
  }

  /** Several blocks of queries, and documents for which libtorch's flash kernel is taken. */
  @ParameterizedTest
  @CsvSource({"6, 0", "0, 1"})
  void writtenByHandEqualsAutogradForLongDocuments(int queryRank, int recomputeEvery) {
    long[] starts = {0, 64, 134, 204, 207, 337, 637};
    int[] ids = new Random(7).ints(starts[starts.length - 1], 0, 11).toArray();
    requireAutograd(config(queryRank, 1, 1, false), recomputeEvery, ids, starts);
  }

  /** What config() has only one value of. */
  static List<Map<String, ?>> otherRoutersAndRotations() {
    Map<String, Object> yarn =
        Map.of(
            "type", "yarn",
            "factor", 4.0,
            "beta_fast", 32.0,
            "beta_slow", 1.0,
            "original_max_position_embeddings", 16,
            "mscale", 1.0,
            "mscale_all_dim", 0.5);
    return List.of(
        Map.of("norm_topk_prob", false),
        Map.of("n_group", 1, "topk_group", 1),
        Map.of("n_shared_experts", 2),
        Map.of("rope_scaling", yarn),
        Map.of(
            "norm_topk_prob",
            false,
            "n_group",
            1,
            "topk_group",
            1,
            "rope_scaling",
            yarn,
            "n_shared_experts",
            2));
  }

  @ParameterizedTest
  @MethodSource("otherRoutersAndRotations")
  void writtenByHandEqualsAutogradForOtherRoutersAndRotations(Map<String, ?> keys) {
    long[] starts = {0, 4, 8, 9, 15};
    int[] ids = DoubleDecoder.randomIds(15, 8);
    double[] normalisers = {7, 6, 4};
    Map<String, Object> all = new HashMap<>(keys);
    all.put("num_nextn_predict_layers", 1);
    try (DoubleDecoder decoder = new DoubleDecoder(all)) {
      assertThat(RotaryEmbedding.of(decoder.config()).modulus() != 1)
          .isEqualTo(keys.containsKey("rope_scaling"));
      NDList expected = decoder.byAutograd(ids, starts, starts, normalisers);
      for (int every = 0; every <= 1; every++) {
        NDList found = decoder.byHand(every, ids, starts, starts, normalisers);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(DoubleDecoder.distance(found.get(i), expected.get(i)))
              .as("result %d", i)
              .isLessThan(1e-10);
        }
      }
    }
  }

  private void requireAutograd(
      LanguageConfig config, int recomputeEvery, int[] ids, long[] starts) {
    DecoderLayout layout = new DecoderLayout(config);
    NDList weights = weights(layout);
    double[] normalisers = new double[config.numNextnPredictLayers() + 2];
    java.util.Arrays.setAll(normalisers, i -> 7.0 - i);
    byte[] targets = new byte[ids.length];
    java.util.Arrays.fill(targets, (byte) 1);
    targets[2] = 0;
    targets[9] = 0;
    NDArray mask = manager.create(targets).toType(DataType.UINT8, false);
    NDList expected;
    NDList found;
    NDList gradients = new NDList();
    weights.forEach(weight -> gradients.add(weight.zerosLike()));
    try (DecoderKernels kernels = new DecoderKernels(engine, layout, Products.F32);
        KernelValue learned = kernels.learnedWeights(biases(layout), weights);
        KernelValue added = kernels.weights(biases(layout), gradients)) {
      expected =
          kernels
              .kernels()
              .runRecording(
                  manager,
                  "training_step",
                  learned,
                  manager.create(ids),
                  starts,
                  starts,
                  mask,
                  normalisers,
                  WEIGHTS,
                  kernels.shape());
      found =
          kernels
              .kernels()
              .run(
                  manager,
                  "fused_step",
                  learned,
                  added,
                  manager.create(ids),
                  starts,
                  starts,
                  mask,
                  normalisers,
                  WEIGHTS,
                  recomputeEvery,
                  kernels.shape());
    }
    assertThat(distance(found.get(0), expected.get(0))).isLessThan(1e-12);
    assertThat(distance(found.get(1), expected.get(1))).isZero();
    for (int i = 0; i < gradients.size(); i++) {
      assertThat(distance(gradients.get(i), expected.get(i + 2)))
          .as(layout.specs().get(i).name())
          .isLessThan(1e-10);
    }
  }

  private NDList step(DecoderLayout layout, NDList weights, int[] ids, long... starts) {
    try (DecoderKernels kernels = new DecoderKernels(engine, layout, Products.F32);
        KernelValue learned = kernels.learnedWeights(biases(layout), weights)) {
      return kernels
          .kernels()
          .runRecording(
              manager,
              "training_step",
              learned,
              manager.create(ids),
              starts,
              starts,
              manager.ones(new Shape(ids.length), DataType.UINT8),
              new double[] {11, 8, 4},
              WEIGHTS,
              kernels.shape());
    }
  }

  private NDList weights(DecoderLayout layout) {
    Random random = new Random(5);
    NDList weights = new NDList();
    for (ParameterSpec spec : layout.specs()) {
      if (spec.group().learned()) {
        boolean norm = spec.name().endsWith("norm.weight");
        double[] values =
            random.doubles(spec.count()).map(v -> norm ? 0.8 + 0.4 * v : v - 0.5).toArray();
        weights.add(manager.create(values, spec.shape()));
      }
    }
    return weights;
  }

  private NDList biases(DecoderLayout layout) {
    NDList biases = new NDList();
    Random random = new Random(6);
    for (String name : layout.biases()) {
      assertThat(name).endsWith(DecoderLayout.SELECTION_BIAS);
      biases.add(manager.create(random.doubles(8).map(v -> v - 0.5).toArray()));
    }
    return biases;
  }

  private static double distance(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getDouble();
  }

  private static Object[] with(KernelValue weights, Object[] rest) {
    Object[] all = new Object[rest.length + 1];
    all[0] = weights;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static LanguageConfig config(int queryRank, int dense, int depth, boolean tied) {
    return config(queryRank, dense, depth, tied, Activation.SILU, false);
  }

  private static LanguageConfig config(
      int queryRank, int dense, int depth, boolean tied, Activation activation, boolean biases) {
    return new LanguageConfig(
        11,
        10,
        12,
        6,
        2,
        2,
        queryRank == 0 ? null : queryRank,
        8,
        6,
        4,
        8,
        8,
        1,
        2,
        4,
        2,
        true,
        2.5,
        dense,
        depth,
        32,
        1e-6,
        10_000,
        0.1,
        tied,
        0,
        null,
        activation,
        biases,
        biases,
        biases);
  }
}
