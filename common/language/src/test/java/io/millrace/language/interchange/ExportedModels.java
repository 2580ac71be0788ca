package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small models with weights that depend on their names alone, norms and biases among them. */
final class ExportedModels {

  /** What differs from the common shape, by name. */
  static final Map<String, Map<String, Object>> MODELS =
      Map.of(
          "direct", Map.of(),
          "compressed-grouped", Map.of("q_lora_rank", 12, "n_group", 4, "topk_group", 2),
          "no-dense", Map.of("first_k_dense_replace", 0, "norm_topk_prob", false),
          "two-dense", Map.of("first_k_dense_replace", 2, "num_hidden_layers", 3),
          "tied", Map.of("tie_word_embeddings", true, "n_shared_experts", 2),
          "mtp", Map.of("num_nextn_predict_layers", 2, "q_lora_rank", 12, "n_group", 2),
          "sharded", Map.of("n_group", 2, "num_nextn_predict_layers", 1),
          "attention-biases", Map.of("attention_bias", true, "q_lora_rank", 12),
          "yarn", Map.of("q_lora_rank", 12, "rope_scaling", yarn()));

  /** Bytes of a shard of the model {@code sharded}. */
  static final long SHARD = 30_000;

  /** Of float32 logits: processors with wider registers add up in another order. */
  static final float ROUNDING = 5e-5f;

  private ExportedModels() {}

  private static Map<String, Object> yarn() {
    return Map.of(
        "type", "yarn",
        "factor", 4.0,
        "original_max_position_embeddings", 16,
        "beta_fast", 32.0,
        "beta_slow", 1.0,
        "mscale", 1.0,
        "mscale_all_dim", 0.7);
  }

  static LanguageConfig config(String name, Path scratch) throws IOException {
    String json =
        """
        {"model_type": "deepseek_v3", "vocab_size": 290, "hidden_size": 24, "intermediate_size": 32,
         "moe_intermediate_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "q_lora_rank": null,
         "kv_lora_rank": 10, "qk_nope_head_dim": 6, "qk_rope_head_dim": 4, "v_head_dim": 8,
         "n_routed_experts": 8, "n_shared_experts": 1, "num_experts_per_tok": 3, "n_group": 1,
         "topk_group": 1, "norm_topk_prob": true, "routed_scaling_factor": 2.5,
         "first_k_dense_replace": 1, "num_nextn_predict_layers": 0, "max_position_embeddings": 64,
         "rms_norm_eps": 1e-6, "rope_theta": 10000, "initializer_range": 0.02,
         "tie_word_embeddings": false, "eos_token_id": 0}
        """;
    Files.writeString(scratch.resolve(ConfigFile.NAME), json);
    return ConfigFile.read(scratch, MODELS.getOrDefault(name, Map.of()));
  }

  static Decoder decoder(TensorEngine engine, LanguageConfig config) {
    Decoder decoder = Decoder.create(engine, config, 1);
    try (NDManager scratch = engine.newManager()) {
      Map<String, NDArray> values = new LinkedHashMap<>();
      for (ParameterSpec spec : decoder.weights().specs()) {
        values.put(spec.name(), values(scratch, spec.name(), spec.shape()));
      }
      decoder.weights().load(values);
    }
    return decoder;
  }

  static Tokenizer tokenizer() {
    return new BpeTrainer(290, (done, total) -> {})
        .train(List.of("Streams run through the mills, and the mills run on streams.\n  12 345"));
  }

  static ExportSettings settings(String name) {
    ExportSettings usual = ExportSettings.usual();
    return new ExportSettings(
        usual.stored(),
        name.equals("sharded") ? SHARD : usual.maxShardBytes(),
        usual.beginOfText());
  }

  /** Logits [T, V] of a document. */
  static NDArray logits(NDManager manager, Decoder decoder, int[] ids) {
    return decoder
        .call(manager, false, "logits", manager.create(ids), new long[] {0, ids.length})
        .getFirst();
  }

  static float largestDifference(NDArray one, NDArray other) {
    return one.sub(other).abs().max().toFloatArray()[0];
  }

  private static NDArray values(NDManager scratch, String name, Shape shape) {
    Random random = new Random(name.hashCode());
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      double z = random.nextGaussian();
      values[i] =
          (float)
              (name.endsWith(ReleasedWeights.SELECTION_BIAS)
                  ? 0.25 * z - 0.5
                  : name.endsWith("norm.weight") ? 1 + 0.2 * z : 0.3 * z);
    }
    return scratch.create(values, shape);
  }
}
