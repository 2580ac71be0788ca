package io.millrace.language.model;

import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The weights of a decoder in the order in which its kernels read them, and the numbers that tell
 * the kernels its shape.
 *
 * <p>Names are Hugging Face's, with two fusions that save GEMMs: gate and up projection of a
 * feed-forward layer are one matrix, and the routed experts of a layer are one tensor.
 */
public final class DecoderLayout {

  /** Suffix of the selection bias of a router. */
  static final String SELECTION_BIAS = "mlp.gate.e_score_correction_bias";

  static final String GATE_UP = "gate_up_proj";
  static final String EXPERTS_GATE_UP = "mlp.experts.gate_up_proj";
  static final String EXPERTS_DOWN = "mlp.experts.down_proj";

  private static final float PRELU_SLOPE = 0.25f;

  private final LanguageConfig config;
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final Initializer normal;

  /** Lays out the weights of a configuration. */
  public DecoderLayout(LanguageConfig config) {
    this.config = config;
    this.normal = new Initializer.Normal(config.initializerRange());
    int hidden = config.hiddenSize();
    matrix("model.embed_tokens.weight", config.vocabSize(), hidden);
    norm("model.norm.weight", hidden);
    if (!config.tieWordEmbeddings()) {
      matrix("lm_head.weight", config.vocabSize(), hidden);
    }
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      block(layer, layer >= config.firstKDenseReplace());
    }
    for (int k = 0; k < config.numNextnPredictLayers(); k++) {
      int layer = config.numHiddenLayers() + k;
      norm(name(layer, "enorm.weight"), hidden);
      norm(name(layer, "hnorm.weight"), hidden);
      matrix(name(layer, "eh_proj.weight"), hidden, 2 * hidden);
      block(layer, /* moe= */ true);
      norm(name(layer, "shared_head.norm.weight"), hidden);
    }
  }

  /** All weights, the selection biases among them as buffers. */
  public List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** Names of the selection biases, one a layer with experts. */
  public List<String> biases() {
    return specs.stream().map(ParameterSpec::name).filter(n -> n.endsWith(SELECTION_BIAS)).toList();
  }

  /** The kernels' {@code dims}. */
  public long[] dims() {
    LanguageConfig c = config;
    Integer queryRank = c.qLoraRank();
    return new long[] {
      c.numHiddenLayers(),
      c.firstKDenseReplace(),
      c.numAttentionHeads(),
      c.qkNopeHeadDim(),
      c.qkRopeHeadDim(),
      c.vHeadDim(),
      c.kvLoraRank(),
      queryRank == null ? 0 : queryRank,
      c.nRoutedExperts(),
      c.numExpertsPerTok(),
      c.nGroup(),
      c.topkGroup(),
      c.numNextnPredictLayers(),
      c.tieWordEmbeddings() ? 1 : 0,
      c.normTopkProb() ? 1 : 0,
      c.attentionBias() ? 1 : 0,
      c.mlpBias() ? 1 : 0,
      c.routerBias() ? 1 : 0,
      c.hiddenAct().hasSlope() ? 1 : 0,
      /* precision= */ 0
    };
  }

  /** The kernels' {@code consts}. */
  public double[] consts() {
    RotaryEmbedding rotary = RotaryEmbedding.of(config);
    return DoubleStream.concat(
            DoubleStream.of(
                config.rmsNormEps(),
                rotary.modulus(),
                config.routedScalingFactor(),
                rotary.attentionScale()),
            DoubleStream.of(rotary.frequencies()))
        .toArray();
  }

  /**
   * Whether fused_step.py can train this shape and fused_decode.py decode with it: values no wider
   * than keys, the rotary parts at even places, so that pairs of them can be read as complex
   * numbers, no biases, and SiLU.
   */
  boolean isCoveredByFusedStep() {
    return outsideFusedStep().isEmpty();
  }

  /** What keeps the shape from that, by key and value in config.json; empty if nothing does. */
  public List<String> outsideFusedStep() {
    List<String> obstacles = new ArrayList<>();
    if (config.vHeadDim() > config.qkNopeHeadDim() + config.qkRopeHeadDim()) {
      obstacles.add(
          "v_head_dim %d above qk_nope_head_dim + qk_rope_head_dim".formatted(config.vHeadDim()));
    }
    if (config.qkNopeHeadDim() % 2 != 0) {
      obstacles.add("qk_nope_head_dim %d, which is odd".formatted(config.qkNopeHeadDim()));
    }
    if (config.kvLoraRank() % 2 != 0) {
      obstacles.add("kv_lora_rank %d, which is odd".formatted(config.kvLoraRank()));
    }
    if (config.hiddenAct() != Activation.SILU) {
      obstacles.add(
          "hidden_act %s instead of %s".formatted(config.hiddenAct().key(), Activation.SILU.key()));
    }
    if (config.attentionBias()) {
      obstacles.add("attention_bias");
    }
    if (config.mlpBias()) {
      obstacles.add("mlp_bias");
    }
    if (config.routerBias()) {
      obstacles.add("router_bias");
    }
    return obstacles;
  }

  /** Learned values. */
  public long parameters() {
    return learned(spec -> true);
  }

  /**
   * Learned values that take part in one token's forward pass: of the routed experts only the
   * chosen ones, and no MTP module.
   */
  public long activeParameters() {
    long outside =
        learned(spec -> !isExperts(spec) && layerOf(spec.name()) < config.numHiddenLayers());
    long experts =
        learned(spec -> isExperts(spec) && layerOf(spec.name()) < config.numHiddenLayers());
    return config.nRoutedExperts() == 0
        ? outside
        : outside + experts * config.numExpertsPerTok() / config.nRoutedExperts();
  }

  private long learned(java.util.function.Predicate<ParameterSpec> which) {
    return specs.stream()
        .filter(spec -> spec.group().learned() && which.test(spec))
        .mapToLong(ParameterSpec::count)
        .sum();
  }

  private static boolean isExperts(ParameterSpec spec) {
    return spec.name().contains(".mlp.experts.");
  }

  /** The layer in a name, -1 for a name outside of the layers. */
  private static int layerOf(String name) {
    String prefix = "model.layers.";
    return name.startsWith(prefix)
        ? Integer.parseInt(name.substring(prefix.length(), name.indexOf('.', prefix.length())))
        : -1;
  }

  private void block(int layer, boolean moe) {
    attention(layer);
    int hidden = config.hiddenSize();
    norm(name(layer, "post_attention_layernorm.weight"), hidden);
    if (!moe) {
      matrix(name(layer, "mlp." + GATE_UP + ".weight"), 2 * config.intermediateSize(), hidden);
      matrix(name(layer, "mlp.down_proj.weight"), hidden, config.intermediateSize());
      if (config.mlpBias()) {
        bias(name(layer, "mlp." + GATE_UP + ".bias"), 2 * config.intermediateSize());
        bias(name(layer, "mlp.down_proj.bias"), hidden);
      }
      slope(layer);
      return;
    }
    int experts = config.nRoutedExperts();
    int width = config.moeIntermediateSize();
    int shared = width * config.nSharedExperts();
    matrix(name(layer, "mlp.gate.weight"), experts, hidden);
    matrix(name(layer, EXPERTS_GATE_UP), experts, 2 * width, hidden);
    matrix(name(layer, EXPERTS_DOWN), experts, hidden, width);
    matrix(name(layer, "mlp.shared_experts." + GATE_UP + ".weight"), 2 * shared, hidden);
    matrix(name(layer, "mlp.shared_experts.down_proj.weight"), hidden, shared);
    if (config.mlpBias()) {
      bias(name(layer, EXPERTS_GATE_UP + ".bias"), experts, 2 * width);
      bias(name(layer, EXPERTS_DOWN + ".bias"), experts, hidden);
      bias(name(layer, "mlp.shared_experts." + GATE_UP + ".bias"), 2 * shared);
      bias(name(layer, "mlp.shared_experts.down_proj.bias"), hidden);
    }
    if (config.routerBias()) {
      bias(name(layer, "mlp.gate.bias"), experts);
    }
    slope(layer);
    specs.add(
        new ParameterSpec(
            name(layer, SELECTION_BIAS),
            new Shape(experts),
            new Initializer.Zeros(),
            ParameterGroup.BUFFER));
  }

  private void attention(int layer) {
    int hidden = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int query = heads * (config.qkNopeHeadDim() + config.qkRopeHeadDim());
    Integer queryRank = config.qLoraRank();
    norm(name(layer, "input_layernorm.weight"), hidden);
    if (queryRank == null) {
      matrix(name(layer, "self_attn.q_proj.weight"), query, hidden);
    } else {
      matrix(name(layer, "self_attn.q_a_proj.weight"), queryRank, hidden);
      norm(name(layer, "self_attn.q_a_layernorm.weight"), queryRank);
      matrix(name(layer, "self_attn.q_b_proj.weight"), query, queryRank);
    }
    int latent = config.kvLoraRank();
    matrix(
        name(layer, "self_attn.kv_a_proj_with_mqa.weight"),
        latent + config.qkRopeHeadDim(),
        hidden);
    norm(name(layer, "self_attn.kv_a_layernorm.weight"), latent);
    matrix(
        name(layer, "self_attn.kv_b_proj.weight"),
        heads * (config.qkNopeHeadDim() + config.vHeadDim()),
        latent);
    matrix(name(layer, "self_attn.o_proj.weight"), hidden, heads * config.vHeadDim());
    if (config.attentionBias()) {
      if (queryRank != null) {
        bias(name(layer, "self_attn.q_a_proj.bias"), queryRank);
      }
      bias(name(layer, "self_attn.kv_a_proj_with_mqa.bias"), latent + config.qkRopeHeadDim());
      bias(name(layer, "self_attn.o_proj.bias"), hidden);
    }
  }

  private void slope(int layer) {
    if (config.hiddenAct().hasSlope()) {
      specs.add(
          new ParameterSpec(
              name(layer, "mlp.act_fn.weight"),
              new Shape(1),
              new Initializer.Constant(PRELU_SLOPE),
              ParameterGroup.NO_DECAY));
    }
  }

  private void bias(String name, long... shape) {
    specs.add(
        new ParameterSpec(
            name, new Shape(shape), new Initializer.Zeros(), ParameterGroup.NO_DECAY));
  }

  private void matrix(String name, long... shape) {
    specs.add(new ParameterSpec(name, new Shape(shape), normal, ParameterGroup.DECAY));
  }

  private void norm(String name, long size) {
    specs.add(
        new ParameterSpec(name, new Shape(size), new Initializer.Ones(), ParameterGroup.NO_DECAY));
  }

  private static String name(int layer, String suffix) {
    return "model.layers." + layer + "." + suffix;
  }
}
