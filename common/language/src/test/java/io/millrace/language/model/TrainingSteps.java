package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.parameter.FlatTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Training steps of small decoders on one batch, for tests that compare ways to compute them. */
final class TrainingSteps {

  /** First tokens of the documents, then the number of tokens. */
  static final long[] STARTS = {0, 17, 18, 40, 64};

  static final double[] LOSS_WEIGHTS = {0.3, 0.1};
  private static final int TOKENS = 64;

  private final NDManager manager;

  /**
   * @param manager of the results
   */
  TrainingSteps(NDManager manager) {
    this.manager = manager;
  }

  /** What a step gives: losses, loads, gradients. */
  record Step(float[] losses, float[] loads, float[][] gradients) {

    static Step of(NDArray losses, NDArray loads, NDList gradients) {
      return new Step(
          losses.toFloatArray(),
          loads.toFloatArray(),
          gradients.stream().map(NDArray::toFloatArray).toArray(float[][]::new));
    }

    /** Of each tensor, the norm of the difference of the gradients over the norm. */
    double[] distances(Step exact) {
      double[] distances = new double[exact.gradients().length];
      for (int i = 0; i < distances.length; i++) {
        double difference = 0;
        double norm = 0;
        for (int k = 0; k < exact.gradients()[i].length; k++) {
          difference += Math.pow(gradients()[i][k] - exact.gradients()[i][k], 2);
          norm += Math.pow(exact.gradients()[i][k], 2);
        }
        distances[i] = Math.sqrt(difference / norm);
      }
      return distances;
    }

    /** The mean of these. */
    double distance(Step exact) {
      return Arrays.stream(distances(exact)).average().orElseThrow();
    }
  }

  /** A step on gradients of zeros. */
  Step step(Decoder decoder, int every, long[] starts, Products products) {
    try (FlatTensors gradients = decoder.weights().newLearnedZeros()) {
      NDList step = add(decoder, gradients, every, starts, products);
      return Step.of(step.get(0), step.get(1), gradients.tensors());
    }
  }

  /** Losses and loads of a step, whose gradients are added. */
  NDList add(Decoder decoder, FlatTensors gradients, int every, long[] starts, Products products) {
    return decoder.addGradients(
        manager,
        gradients.tensors(),
        ids(decoder.config()),
        starts,
        starts,
        mask(),
        normalisers(decoder.config()),
        LOSS_WEIGHTS,
        every,
        products);
  }

  NDArray ids(LanguageConfig config) {
    return manager.create(new Random(1).ints(TOKENS, 0, config.vocabSize()).toArray());
  }

  NDArray mask() {
    int[] mask = new int[TOKENS];
    Arrays.setAll(mask, i -> i % 7 == 3 ? 0 : 1);
    return manager.create(mask).toType(DataType.UINT8, false);
  }

  static double[] normalisers(LanguageConfig config) {
    double[] normalisers = new double[config.numNextnPredictLayers() + 2];
    Arrays.setAll(normalisers, i -> 40.0 - i);
    return normalisers;
  }

  /**
   * One dense layer, two with experts and an MTP module.
   *
   * @param replaced other values by key
   */
  static LanguageConfig config(Map<String, ?> replaced) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("vocab_size", 61);
    keys.put("hidden_size", 32);
    keys.put("intermediate_size", 48);
    keys.put("moe_intermediate_size", 16);
    keys.put("num_hidden_layers", 3);
    keys.put("num_nextn_predict_layers", 1);
    keys.put("q_lora_rank", 24);
    keys.put("kv_lora_rank", 16);
    keys.put("qk_nope_head_dim", 8);
    keys.put("qk_rope_head_dim", 8);
    keys.put("v_head_dim", 12);
    keys.put("num_experts_per_tok", 2);
    keys.put("max_position_embeddings", 128);
    keys.put("initializer_range", 0.1);
    keys.putAll(replaced);
    return DoubleDecoder.config(keys);
  }
}
