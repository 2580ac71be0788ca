package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which weights decay: the matrices, and nothing else. */
class DecoderLayoutTest {

  @Test
  void matricesDecayAndNothingElse() {
    List<ParameterSpec> specs = specs(12, "silu", false);
    assertThat(names(specs, ParameterGroup.NO_DECAY))
        .containsExactlyInAnyOrder(
            "model.norm.weight",
            "model.layers.0.input_layernorm.weight",
            "model.layers.0.self_attn.q_a_layernorm.weight",
            "model.layers.0.self_attn.kv_a_layernorm.weight",
            "model.layers.0.post_attention_layernorm.weight",
            "model.layers.1.input_layernorm.weight",
            "model.layers.1.self_attn.q_a_layernorm.weight",
            "model.layers.1.self_attn.kv_a_layernorm.weight",
            "model.layers.1.post_attention_layernorm.weight",
            "model.layers.2.enorm.weight",
            "model.layers.2.hnorm.weight",
            "model.layers.2.input_layernorm.weight",
            "model.layers.2.self_attn.q_a_layernorm.weight",
            "model.layers.2.self_attn.kv_a_layernorm.weight",
            "model.layers.2.post_attention_layernorm.weight",
            "model.layers.2.shared_head.norm.weight");
    assertThat(names(specs, ParameterGroup.BUFFER))
        .containsExactly(
            "model.layers.1.mlp.gate.e_score_correction_bias",
            "model.layers.2.mlp.gate.e_score_correction_bias");
    assertThat(names(specs, ParameterGroup.DECAY))
        .contains(
            "model.embed_tokens.weight",
            "lm_head.weight",
            "model.layers.0.mlp.down_proj.weight",
            "model.layers.1.mlp.gate.weight",
            "model.layers.1.mlp.experts.gate_up_proj",
            "model.layers.1.mlp.shared_experts.down_proj.weight",
            "model.layers.2.eh_proj.weight",
            "model.layers.2.self_attn.o_proj.weight")
        .hasSize(specs.size() - 16 - 2);
  }

  /** Optimizer states that were saved before hold their moments in this order. */
  @Test
  void keepsItsOrder() {
    String attention =
        """
        input_layernorm.weight self_attn.q_a_proj.weight self_attn.q_a_layernorm.weight
        self_attn.q_b_proj.weight self_attn.kv_a_proj_with_mqa.weight
        self_attn.kv_a_layernorm.weight self_attn.kv_b_proj.weight self_attn.o_proj.weight
        self_attn.q_a_proj.bias self_attn.kv_a_proj_with_mqa.bias self_attn.o_proj.bias
        post_attention_layernorm.weight
        """;
    String experts =
        """
        mlp.gate.weight mlp.experts.gate_up_proj mlp.experts.down_proj
        mlp.shared_experts.gate_up_proj.weight mlp.shared_experts.down_proj.weight
        mlp.experts.gate_up_proj.bias mlp.experts.down_proj.bias
        mlp.shared_experts.gate_up_proj.bias mlp.shared_experts.down_proj.bias mlp.gate.bias
        mlp.act_fn.weight mlp.gate.e_score_correction_bias
        """;
    List<String> expected =
        new ArrayList<>(
            List.of("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"));
    expected.addAll(
        inLayer(
            0,
            attention,
            "mlp.gate_up_proj.weight mlp.down_proj.weight mlp.gate_up_proj.bias mlp.down_proj.bias",
            "mlp.act_fn.weight"));
    expected.addAll(inLayer(1, attention, experts));
    expected.addAll(
        inLayer(
            2,
            "enorm.weight hnorm.weight eh_proj.weight",
            attention,
            experts,
            "shared_head.norm.weight"));
    assertThat(specs(12, "prelu", true)).extracting(ParameterSpec::name).isEqualTo(expected);
  }

  private static List<String> inLayer(int layer, String... names) {
    return Arrays.stream(String.join(" ", names).strip().split("\\s+"))
        .map(name -> "model.layers." + layer + "." + name)
        .toList();
  }

  /** Vectors by what they are, biases of all experts together although they look like a matrix. */
  @ParameterizedTest
  @CsvSource({"12, silu", ", silu", "12, prelu"})
  void neitherBiasesNorSlopesDecay(@Nullable Integer queryRank, String activation) {
    List<ParameterSpec> specs = specs(queryRank, activation, true);
    for (ParameterSpec spec : specs) {
      boolean bias = spec.name().endsWith(".bias");
      boolean vector = spec.shape().dimension() == 1 && !spec.name().endsWith("correction_bias");
      assertThat(spec.group() == ParameterGroup.NO_DECAY).as(spec.name()).isEqualTo(bias || vector);
    }
    assertThat(names(specs, ParameterGroup.NO_DECAY))
        .contains(
            "model.layers.0.self_attn.o_proj.bias",
            "model.layers.1.mlp.gate.bias",
            "model.layers.1.mlp.experts.down_proj.bias")
        .filteredOn(name -> name.endsWith("act_fn.weight"))
        .hasSize(activation.equals("prelu") ? 3 : 0);
  }

  private static List<ParameterSpec> specs(
      @Nullable Integer queryRank, String activation, boolean biases) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("num_nextn_predict_layers", 1);
    keys.put("q_lora_rank", queryRank);
    keys.put("hidden_act", activation);
    for (String key : Arrays.asList("attention_bias", "mlp_bias", "router_bias")) {
      keys.put(key, biases);
    }
    return new DecoderLayout(DoubleDecoder.config(keys)).specs();
  }

  private static List<String> names(List<ParameterSpec> specs, ParameterGroup group) {
    return specs.stream().filter(spec -> spec.group() == group).map(ParameterSpec::name).toList();
  }
}
