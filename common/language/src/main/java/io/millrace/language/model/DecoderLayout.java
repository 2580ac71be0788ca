package io.millrace.language.model;

import ai.djl.ndarray.NDList;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights of a decoder in the order in which checkpoints and the optimizer keep them, and the
 * NamedTuples of {@code weights.py} that its kernels take for them and for its shape.
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

  private final LanguageConfig config;
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final KernelTuple weights;
  private int biasPlaces;
  private int learnedPlaces;

  /** Lays out the weights of a configuration. */
  public DecoderLayout(LanguageConfig config) {
    this.config = config;
    this.learnedPlaces = routers(config);
    this.weights = new WeightPlaces(config, "model.", this::place).decoder();
  }

  private static int routers(LanguageConfig config) {
    return Math.max(0, config.numHiddenLayers() - config.firstKDenseReplace())
        + config.numNextnPredictLayers();
  }

  /** Places count the selection biases first, then what is learned. */
  private int place(ParameterSpec spec) {
    specs.add(spec);
    return spec.group().learned() ? learnedPlaces++ : biasPlaces++;
  }

  /** All weights, the selection biases among them as buffers. */
  public List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** Name of the output matrix, which is the embedding where both are tied. */
  String head() {
    return config.tieWordEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight";
  }

  /** Names of the selection biases, one a layer with experts. */
  public List<String> biases() {
    return specs().stream()
        .map(ParameterSpec::name)
        .filter(n -> n.endsWith(SELECTION_BIAS))
        .toList();
  }

  /** The configuration. */
  LanguageConfig config() {
    return config;
  }

  /** What kernels take for the weights, by their places in {@link #tensors}. */
  KernelTuple weights() {
    return weights;
  }

  /**
   * The tensors of a set of weights, or of their averages or gradients.
   *
   * @param biases as {@link #biases()} names them
   * @param learned the others in the order of {@link #specs()}
   */
  NDList tensors(NDList biases, NDList learned) {
    NDList all = new NDList(biases);
    all.addAll(learned);
    return all;
  }

  /** What kernels take for the numbers of the shape. */
  KernelTuple shape() {
    return shape(config);
  }

  /** The same of any configuration. */
  static KernelTuple shape(LanguageConfig c) {
    RotaryEmbedding rotary = RotaryEmbedding.of(c);
    return new KernelTuple("Shape")
        .number("heads", c.numAttentionHeads())
        .number("nope_width", c.qkNopeHeadDim())
        .number("rope_width", c.qkRopeHeadDim())
        .number("value_width", c.vHeadDim())
        .number("latent_width", c.kvLoraRank())
        .number("experts", c.nRoutedExperts())
        .number("chosen_experts", c.numExpertsPerTok())
        .number("groups", c.nGroup())
        .number("kept_groups", c.topkGroup())
        .flag("gates_normalised", c.normTopkProb())
        .real("gate_scale", c.routedScalingFactor())
        .real("eps", c.rmsNormEps())
        .real("attention_scale", rotary.attentionScale())
        .real("rotary_modulus", rotary.modulus())
        .reals("rotary_frequencies", rotary.frequencies());
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
    return specs().stream()
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
}
