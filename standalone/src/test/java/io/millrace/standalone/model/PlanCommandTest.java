package io.millrace.standalone.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.Terminal;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {

  @TempDir Path directory;

  @Test
  void printsAPreset() {
    Terminal plan = Terminal.run("plan", "v3");
    assertThat(plan.status()).isZero();
    assertThat(plan.out())
        .contains("671,026,404,352 (671.03 B), without MTP modules")
        .contains("36,625,603,584 (36.63 B), without the embedding")
        .contains("70.3 KB a token");
    assertThat(Terminal.run("plan", "V3").out()).isEqualTo(plan.out().replace("of v3", "of V3"));
    assertThat(Terminal.run("plan", "v2-lite").out())
        .contains("15,706,484,224 (15.71 B)")
        .contains("2,451,435,008 (2.45 B), without the embedding");
  }

  @Test
  void printsJson() {
    Terminal plan = Terminal.run("plan", "v2-lite", "--json", "--tokens", "100");
    JsonNode json = JsonMapper.shared().readTree(plan.out());
    assertThat(json.path("parameters").path("total").asLong()).isEqualTo(15_706_484_224L);
    assertThat(json.path("parameters").path("active").asLong()).isEqualTo(2_451_435_008L);
    assertThat(json.path("parameters").path("parts").path("routed_experts").asLong())
        .isEqualTo(14_394_851_328L);
    assertThat(json.path("batch_tokens").asLong()).isEqualTo(100);
    assertThat(json.path("training").path(2).path("policy").asString()).isEqualTo("fp8");
    assertThat(json.path("training").path(0).path("activations").path("every_second").asLong())
        .isPositive();
    assertThat(json.path("cache").path("bf16").asLong()).isEqualTo(31_104);
    assertThat(json.path("flops").path("context").asInt()).isEqualTo(4096);
  }

  @Test
  void readsAFileAndAFolder() throws IOException {
    Path file = directory.resolve("config.json");
    Files.writeString(file, json(128));
    JsonNode ofFile =
        JsonMapper.shared().readTree(Terminal.run("plan", file.toString(), "--json").out());
    JsonNode ofFolder =
        JsonMapper.shared().readTree(Terminal.run("plan", directory.toString(), "--json").out());
    assertThat(ofFile).isEqualTo(ofFolder);
    assertThat(ofFile.path("flops").path("context").asInt()).isEqualTo(64);
    JsonNode wider =
        JsonMapper.shared()
            .readTree(Terminal.run("plan", file.toString(), "--json", "--vocab-size", "140").out());
    assertThat(wider.path("parameters").path("parts").path("head").asLong()).isEqualTo(140 * 8);
  }

  @Test
  void printsADetector() throws IOException {
    Terminal plan = Terminal.run("plan", "centernet-nano");
    assertThat(plan.status()).isZero();
    assertThat(plan.out())
        .contains("Plan of centernet-nano")
        .contains("Multiply-adds of a picture of 320 x 320 pixels")
        .contains("  backbone")
        .contains("  neck")
        .contains("  head")
        .contains("Receptive field of a result, in pixels")
        .containsPattern("stride 4, branch 0 +[0-9]+ px, for all sizes");
    assertThat(Terminal.run("plan", "mtcnn").out())
        .containsPattern("total +not counted")
        .contains("sees");
    JsonNode json =
        JsonMapper.shared().readTree(Terminal.run("plan", "Yolo-V1-Nano", "--json").out());
    long parts = 0;
    for (String part : List.of("backbone", "neck", "head")) {
      parts += json.path("parameters").path(part).asLong(0);
    }
    assertThat(json.path("weight_bytes").asLong()).isEqualTo(4 * parts).isPositive();
    assertThat(json.path("multiply_adds").path("head").asLong()).isPositive();
    assertThat(json.path("receptive_fields").get(0).path("field").asDouble()).isPositive();
    Path file = directory.resolve("config.json");
    try (InputStream preset =
        DetectorPresets.class.getResourceAsStream("presets/yolo-v1-nano.json")) {
      Files.write(file, Objects.requireNonNull(preset).readAllBytes());
    }
    assertThat(
            JsonMapper.shared()
                .readTree(Terminal.run("plan", directory.toString(), "--json").out()))
        .isEqualTo(json);
    refused("is a detector: --tokens", "plan", "yolo-v1-nano", "--tokens", "3");
    Files.writeString(file, "{\"architecture\":\"detector\"}");
    refused("config.json", "plan", file.toString());
  }

  @Test
  void refusesWithOneLine() throws IOException {
    refused("nowhere.json is neither a file nor a preset (nano,", "plan", "nowhere.json");
    refused("1 to 1073741824 tokens, not 0", "plan", "nano", "--tokens", "0");
    refused("(max_position_embeddings), not 9999", "plan", "nano", "--context", "9999");
    refused("vocab_size must be positive", "plan", "nano", "--vocab-size", "0");
    Path file = directory.resolve("config.json");
    Files.writeString(file, "{}");
    refused("the key vocab_size is missing", "plan", file.toString());
    Files.writeString(file, json(-1));
    refused("hidden_size must be positive", "plan", file.toString());
    Files.writeString(file, "not json");
    refused(file.toString(), "plan", file.toString());
    Terminal without = Terminal.run("plan");
    assertThat(without.status()).isEqualTo(2);
    assertThat(without.err()).contains("Missing required parameter: 'CONFIG'");
  }

  private static void refused(String reason, String... arguments) {
    Terminal run = Terminal.run(arguments);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(reason);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
  }

  private static String json(int hidden) {
    return """
    {"model_type": "deepseek_v3", "vocab_size": 128, "hidden_size": %d, "intermediate_size": 16,
     "moe_intermediate_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "q_lora_rank": null,
     "kv_lora_rank": 8, "qk_nope_head_dim": 4, "qk_rope_head_dim": 4, "v_head_dim": 4,
     "n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2, "n_group": 1,
     "topk_group": 1, "norm_topk_prob": true, "routed_scaling_factor": 1.0,
     "first_k_dense_replace": 1, "num_nextn_predict_layers": 0, "max_position_embeddings": 64,
     "rms_norm_eps": 1e-6, "rope_theta": 10000, "initializer_range": 0.02,
     "tie_word_embeddings": false, "eos_token_id": 0}
    """
        .formatted(hidden == 128 ? 8 : hidden);
  }
}
