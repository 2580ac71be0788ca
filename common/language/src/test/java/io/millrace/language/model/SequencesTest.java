package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Several sequences, each with a cache and a length of its own, that are continued in one call. */
class SequencesTest {

  private static final int CAPACITY = 16;
  private static final int STEPS = 3;

  /** Rows of a pool at which they begin, with gaps. */
  private static final long[] FIRSTS = {20, 0, 50, 36};

  private static final int[][] PROMPTS = {{3}, {1, 4, 1, 5, 9, 2, 6}, {5, 3}, {8, 9, 7, 9}};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
            Map.<String, Object>of(),
            Map.<String, Object>of("attention_bias", true, "mlp_bias", true, "router_bias", true),
            Map.<String, Object>of(
                "hidden_act", "prelu", "mlp_bias", true, "n_group", 1, "topk_group", 1),
            Map.<String, Object>of("tie_word_embeddings", true, "norm_topk_prob", false),
            Map.<String, Object>of("first_k_dense_replace", 2, "v_head_dim", 12),
            Map.<String, Object>of("kv_lora_rank", 15, "q_lora_rank", 11))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void areAsIfEachWereAlone(Map<String, Object> keys) {
    try (DoubleDecoder decoder = new DoubleDecoder(keys)) {
      LanguageConfig config = decoder.config();
      NDList caches = caches(config, DataType.FLOAT64);
      NDList together = caches(config, DataType.FLOAT64);
      NDArray pool = pool(config, DataType.FLOAT64);
      long[] positions = new long[PROMPTS.length];
      for (int i = 0; i < PROMPTS.length; i++) {
        NDArray prompt = manager.create(PROMPTS[i]);
        decoder.run("prefill", prompt, caches.get(2 * i), caches.get(2 * i + 1));
        decoder.run("prefill", prompt, together.get(2 * i), together.get(2 * i + 1));
        decoder.run("pooled_prefill", prompt, pool, (int) FIRSTS[i]);
        positions[i] = PROMPTS[i].length;
      }
      for (int step = 0; step < STEPS; step++) {
        long[] tokens = {step, 7, 11 - step, 2};
        double[] found =
            decoder
                .run("decode", tokens, positions, every(together, 0), every(together, 1))
                .toDoubleArray();
        double[] pooled = pooledStep(decoder, tokens, positions, FIRSTS, pool);
        for (int i = 0; i < PROMPTS.length; i++) {
          double[] alone =
              decoder
                  .run(
                      "decode",
                      new long[] {tokens[i]},
                      new long[] {positions[i]},
                      new NDList(caches.get(2 * i)),
                      new NDList(caches.get(2 * i + 1)))
                  .toDoubleArray();
          int width = config.vocabSize();
          assertThat(Arrays.copyOfRange(found, i * width, (i + 1) * width))
              .as("step %d, sequence %d", step, i)
              .containsExactly(alone, within(1e-11));
          assertThat(Arrays.copyOfRange(pooled, i * width, (i + 1) * width))
              .as("step %d, sequence %d of the pool", step, i)
              .containsExactly(alone, within(1e-11));
          positions[i]++;
        }
      }
      for (int i = 0; i < caches.size(); i++) {
        assertThat(together.get(i).toDoubleArray())
            .containsExactly(caches.get(i).toDoubleArray(), within(1e-11));
      }
      assertPoolHolds(pool, caches, positions, config);
    }
  }

  /** A step for one sequence, whose experts are picked, as one for several. */
  @ParameterizedTest
  @MethodSource("shapes")
  void aSequenceOfAPoolIsContinuedByItselfToo(Map<String, Object> keys) {
    try (DoubleDecoder decoder = new DoubleDecoder(keys)) {
      NDArray pool = pool(decoder.config(), DataType.FLOAT64);
      NDArray other = pool(decoder.config(), DataType.FLOAT64);
      for (int i = 1; i < 3; i++) {
        NDArray prompt = manager.create(PROMPTS[i]);
        decoder.run("pooled_prefill", prompt, pool, (int) FIRSTS[i]);
        decoder.run("pooled_prefill", prompt, other, (int) FIRSTS[i]);
      }
      long[] positions = {PROMPTS[1].length, PROMPTS[2].length};
      long[] tokens = {7, 2};
      long[] firsts = {FIRSTS[1], FIRSTS[2]};
      double[] both = pooledStep(decoder, tokens, positions, firsts, pool);
      double[] first =
          pooledStep(
              decoder,
              Arrays.copyOf(tokens, 1),
              Arrays.copyOf(positions, 1),
              Arrays.copyOf(firsts, 1),
              other);
      assertThat(first).containsExactly(Arrays.copyOf(both, first.length), within(1e-11));
      String rows = ":, %d:%d".formatted(FIRSTS[1], FIRSTS[1] + positions[0] + 2);
      assertThat(other.get(rows).toDoubleArray())
          .containsExactly(pool.get(rows).toDoubleArray(), within(1e-11));
    }
  }

  /** Logits, and the likeliest tokens by them. */
  private double[] pooledStep(
      DoubleDecoder decoder, long[] tokens, long[] positions, long[] firsts, NDArray pool) {
    int sequences = tokens.length;
    int vocabulary = decoder.config().vocabSize();
    NDArray numbers =
        manager.create(
            Stream.of(tokens, positions, firsts).flatMapToLong(Arrays::stream).toArray());
    NDArray logits = manager.zeros(new Shape(sequences, vocabulary), DataType.FLOAT64);
    NDArray likeliest = manager.zeros(new Shape(2, sequences), DataType.FLOAT64);
    NDArray frequencies = decoder.run("rotary_frequencies");
    NDArray chance = manager.zeros(new Shape(2L * sequences), DataType.FLOAT64);
    decoder.run("pooled_step_", numbers, frequencies, 64, pool, chance, false, logits, likeliest);
    assertThat(likeliest.get(0).toDoubleArray())
        .containsExactly(logits.max(new int[] {1}).toDoubleArray());
    assertThat(likeliest.get(1).toType(DataType.INT64, false).toLongArray())
        .containsExactly(logits.argMax(1).toLongArray());
    return logits.toDoubleArray();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyExpertOnAllTokensIsWhatTheChosenOnesGive(Map<String, Object> keys) {
    try (DoubleDecoder decoder = new DoubleDecoder(keys)) {
      List<KernelSource> sources =
          new ArrayList<>(DecoderKernels.sources(Products.F32, decoder.config().hiddenAct()));
      sources.add(KernelSource.of(SequencesTest.class, "experts_apart.py"));
      Kernels kernels = Kernels.shared(engine, sources);
      DecoderLayout layout = decoder.layout();
      NDArray x = manager.randomNormal(new Shape(5, decoder.config().hiddenSize()));
      NDArray exact = x.toType(DataType.FLOAT64, false);
      try (KernelValue weights =
              kernels.make(layout.weights(), layout.tensors(decoder.biases, decoder.weights));
          KernelValue shape = kernels.make(layout.shape(), new NDList())) {
        double[] apart =
            kernels
                .run(manager, "experts_apart", weights, exact, shape)
                .singletonOrThrow()
                .toDoubleArray();
        assertThat(apart[0]).isLessThan(1e-11);
        boolean dense = decoder.config().firstKDenseReplace() == 2;
        assertThat(apart[1] > 0.01).isNotEqualTo(dense);
      }
    }
  }

  /** All experts are chosen: a token that rounding sends to another one would change much. */
  @Test
  void onTensorCoresLogitsAreRoundedAndNotByMuch() {
    LanguageConfig config = DoubleDecoder.config(Map.of("num_experts_per_tok", 8, "topk_group", 4));
    try (Decoder decoder = Decoder.create(engine, config, 3);
        DecoderKernels kernels = new DecoderKernels(engine, decoder.layout(), Products.F32);
        KernelValue weights =
            kernels.weights(decoder.biases(), decoder.weights().learnedTensors());
        SequenceKernels cores =
            sequences(decoder, kernels, weights, SequenceKernels.Means.TENSOR_CORES);
        SequenceKernels processor =
            sequences(decoder, kernels, weights, SequenceKernels.Means.PROCESSOR)) {
      List<float[]> exact = continued(processor);
      List<float[]> found = continued(cores);
      for (int i = 0; i < exact.size(); i++) {
        assertThat(distance(found.get(i), exact.get(i))).as("read %d", i).isBetween(1e-4, 0.03);
      }
      decoder.weights().get("model.norm.weight").muli(2);
      assertThat(distance(continued(cores).getFirst(), found.getFirst()))
          .as("copies are those of the weights as they were")
          .isZero();
      cores.forgetCopies();
      assertThat(distance(continued(cores).getFirst(), found.getFirst())).isGreaterThan(0.5);
    }
  }

  /** Logits of the prompts, then of a token of each together, then of one of the first alone. */
  private List<float[]> continued(SequenceKernels kernels) {
    NDArray pool = kernels.grownPool(manager, kernels.newPool(manager, 24), 40);
    List<float[]> logits = new ArrayList<>();
    long[] positions = new long[PROMPTS.length];
    for (int i = 0; i < PROMPTS.length; i++) {
      NDArray prompt = manager.create(PROMPTS[i]);
      logits.add(kernels.prefillPooled(manager, prompt, pool, (int) FIRSTS[i]).toFloatArray());
      positions[i] = PROMPTS[i].length;
    }
    long[] tokens = {2, 7, 1, 8};
    logits.add(kernels.decodePooled(tokens, positions, FIRSTS, pool, /* chance= */ null).logits());
    long[] token = {5};
    long[] position = {2};
    long[] first = {FIRSTS[0]};
    logits.add(kernels.decodePooled(token, position, first, pool, /* chance= */ null).logits());
    return logits;
  }

  private SequenceKernels sequences(
      Decoder decoder, DecoderKernels kernels, KernelValue weights, SequenceKernels.Means means) {
    return new SequenceKernels(
        engine, decoder.layout(), kernels, weights, decoder.biases(), decoder.weights(), means);
  }

  private static double distance(float[] found, float[] exact) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += Math.pow(found[i] - exact[i], 2);
      norm += Math.pow(exact[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  /** Rows have the key before the latent, and what no sequence has written is 0. */
  private void assertPoolHolds(
      NDArray pool, NDList caches, long[] positions, LanguageConfig config) {
    int keyWidth = config.qkRopeHeadDim();
    for (int i = 0; i < positions.length; i++) {
      NDArray rows = pool.get(":, %d:%d".formatted(FIRSTS[i], FIRSTS[i] + positions[i]));
      String seen = ":, :%d".formatted(positions[i]);
      assertThat(rows.get(":, :, :" + keyWidth).toDoubleArray())
          .containsExactly(caches.get(2 * i + 1).get(seen).toDoubleArray(), within(1e-11));
      assertThat(
              rows.get(":, :, %d:%d".formatted(keyWidth, keyWidth + config.kvLoraRank()))
                  .toDoubleArray())
          .containsExactly(caches.get(2 * i).get(seen).toDoubleArray(), within(1e-11));
    }
    assertThat(pool.get(":, 18:20").toDoubleArray()).containsOnly(0);
  }

  private NDArray pool(LanguageConfig config, DataType type) {
    int width = config.cachedPerTokenAndLayer();
    return manager.zeros(new Shape(config.numHiddenLayers(), 64, width + width % 2), type);
  }

  /** Latents [L, P, C] and keys [L, P, R] of each sequence in turn. */
  private NDList caches(LanguageConfig config, DataType type) {
    NDList caches = new NDList();
    int layers = config.numHiddenLayers();
    for (int i = 0; i < PROMPTS.length; i++) {
      caches.add(manager.zeros(new Shape(layers, CAPACITY + i, config.kvLoraRank()), type));
      caches.add(manager.zeros(new Shape(layers, CAPACITY + i, config.qkRopeHeadDim()), type));
    }
    return caches;
  }

  private static NDList every(NDList caches, int first) {
    NDList found = new NDList();
    for (int i = first; i < caches.size(); i += 2) {
      found.add(caches.get(i));
    }
    return found;
  }
}
