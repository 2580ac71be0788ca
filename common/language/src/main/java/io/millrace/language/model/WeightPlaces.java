package io.millrace.language.model;

import static io.millrace.language.model.DecoderLayout.EXPERTS_DOWN;
import static io.millrace.language.model.DecoderLayout.EXPERTS_GATE_UP;
import static io.millrace.language.model.DecoderLayout.GATE_UP;
import static io.millrace.language.model.DecoderLayout.SELECTION_BIAS;

import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walks through a decoder and gives every weight its place: in the order of checkpoints and
 * optimizer state, and by name in the NamedTuples of {@code weights.py}. This is the only place
 * where that order is written.
 */
final class WeightPlaces {

  private static final String SHARED = "mlp.shared_experts.";

  private final LanguageConfig config;
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final Initializer normal;
  private final int routers;
  private final KernelTuple weights;
  private int biasPlaces;
  private int learnedPlaces;

  WeightPlaces(LanguageConfig config) {
    this.config = config;
    this.normal = new Initializer.Normal(config.initializerRange());
    this.routers =
        Math.max(0, config.numHiddenLayers() - config.firstKDenseReplace())
            + config.numNextnPredictLayers();
    this.weights = decoder();
  }

  /** All weights in order, selection biases among them as buffers. */
  List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** Weights by name. Places count the selection biases first, then what is learned. */
  KernelTuple weights() {
    return weights;
  }

  private KernelTuple decoder() {
    int hidden = config.hiddenSize();
    int embedding = matrix("model.embed_tokens.weight", config.vocabSize(), hidden);
    KernelTuple all =
        new KernelTuple("Weights")
            .tensor("embedding_VD", embedding)
            .tensor("norm_D", norm("model.norm.weight", hidden))
            .tensor(
                "head_VD",
                config.tieWordEmbeddings()
                    ? embedding
                    : matrix("lm_head.weight", config.vocabSize(), hidden));
    List<KernelTuple> layers = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      layers.add(layer(layer, layer >= config.firstKDenseReplace()));
    }
    List<KernelTuple> modules = new ArrayList<>();
    for (int k = 0; k < config.numNextnPredictLayers(); k++) {
      modules.add(module(config.numHiddenLayers() + k));
    }
    return all.parts("layers", layers)
        .parts("modules", modules)
        .tensors("learned", learnedFrom(routers));
  }

  private KernelTuple module(int layer) {
    int hidden = config.hiddenSize();
    int first = place();
    KernelTuple module =
        new KernelTuple("MtpModule")
            .tensor("embedding_norm_D", norm(name(layer, "enorm.weight"), hidden))
            .tensor("hidden_norm_D", norm(name(layer, "hnorm.weight"), hidden))
            .tensor("projection", matrix(name(layer, "eh_proj.weight"), hidden, 2 * hidden))
            .part("layer", layer(layer, /* moe= */ true))
            .tensors("learned", learnedFrom(first));
    return module.tensor("norm_D", norm(name(layer, "shared_head.norm.weight"), hidden));
  }

  private KernelTuple layer(int layer, boolean moe) {
    int first = place();
    KernelTuple whole = new KernelTuple("Layer").part("attention", attention(layer));
    if (moe) {
      whole.part("experts", experts(layer));
    } else {
      whole.part("mlp", mlp(layer));
    }
    return whole.tensors("learned", learnedFrom(first));
  }

  private KernelTuple attention(int layer) {
    int hidden = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int latent = config.kvLoraRank();
    int latentAndKey = latent + config.qkRopeHeadDim();
    Integer queryRank = config.qLoraRank();
    KernelTuple attention =
        new KernelTuple("Attention")
            .tensor("norm_D", norm(name(layer, "input_layernorm.weight"), hidden));
    KernelTuple compression = new KernelTuple("QueryCompression");
    int query = heads * (config.qkNopeHeadDim() + config.qkRopeHeadDim());
    if (queryRank == null) {
      attention.tensor("query", matrix(name(layer, "self_attn.q_proj.weight"), query, hidden));
    } else {
      compression
          .tensor("down_QD", matrix(name(layer, "self_attn.q_a_proj.weight"), queryRank, hidden))
          .tensor("norm_Q", norm(name(layer, "self_attn.q_a_layernorm.weight"), queryRank));
      attention
          .part("compression", compression)
          .tensor("query", matrix(name(layer, "self_attn.q_b_proj.weight"), query, queryRank));
    }
    attention
        .tensor(
            "latent_and_key",
            matrix(name(layer, "self_attn.kv_a_proj_with_mqa.weight"), latentAndKey, hidden))
        .tensor("latent_norm_C", norm(name(layer, "self_attn.kv_a_layernorm.weight"), latent))
        .tensor(
            "key_and_value",
            matrix(
                name(layer, "self_attn.kv_b_proj.weight"),
                heads * (config.qkNopeHeadDim() + config.vHeadDim()),
                latent))
        .tensor(
            "output",
            matrix(name(layer, "self_attn.o_proj.weight"), hidden, heads * config.vHeadDim()));
    if (config.attentionBias()) {
      if (queryRank != null) {
        compression.tensor("bias_Q", bias(name(layer, "self_attn.q_a_proj.bias"), queryRank));
      }
      attention
          .tensor(
              "latent_and_key_bias",
              bias(name(layer, "self_attn.kv_a_proj_with_mqa.bias"), latentAndKey))
          .tensor("output_bias_D", bias(name(layer, "self_attn.o_proj.bias"), hidden));
    }
    return attention;
  }

  private KernelTuple mlp(int layer) {
    int norm = norm(name(layer, "post_attention_layernorm.weight"), config.hiddenSize());
    KernelTuple unit = unit(layer, "mlp.", config.intermediateSize());
    unitBiases(unit, layer, "mlp.", config.intermediateSize());
    slope(unit, layer);
    return new KernelTuple("Mlp").tensor("norm_D", norm).part("unit", unit);
  }

  private KernelTuple experts(int layer) {
    int hidden = config.hiddenSize();
    int experts = config.nRoutedExperts();
    int width = config.moeIntermediateSize();
    int sharedWidth = width * config.nSharedExperts();
    KernelTuple all =
        new KernelTuple("Experts")
            .tensor("norm_D", norm(name(layer, "post_attention_layernorm.weight"), hidden))
            .tensor("router_ED", matrix(name(layer, "mlp.gate.weight"), experts, hidden))
            .tensor("gate_up", matrix(name(layer, EXPERTS_GATE_UP), experts, 2 * width, hidden))
            .tensor("down_EDF", matrix(name(layer, EXPERTS_DOWN), experts, hidden, width));
    KernelTuple shared = unit(layer, SHARED, sharedWidth);
    if (config.mlpBias()) {
      all.tensor("gate_up_bias", bias(name(layer, EXPERTS_GATE_UP + ".bias"), experts, 2 * width))
          .tensor("down_bias_ED", bias(name(layer, EXPERTS_DOWN + ".bias"), experts, hidden));
    }
    unitBiases(shared, layer, SHARED, sharedWidth);
    if (config.routerBias()) {
      all.tensor("router_bias_E", bias(name(layer, "mlp.gate.bias"), experts));
    }
    slope(shared, layer);
    return all.part("shared", shared)
        .tensor("selection_bias_E", selectionBias(name(layer, SELECTION_BIAS), experts));
  }

  private KernelTuple unit(int layer, String prefix, int width) {
    return new KernelTuple("GatedUnit")
        .tensor(
            "gate_up",
            matrix(name(layer, prefix + GATE_UP + ".weight"), 2 * width, config.hiddenSize()))
        .tensor(
            "down_DF",
            matrix(name(layer, prefix + "down_proj.weight"), config.hiddenSize(), width));
  }

  private void unitBiases(KernelTuple unit, int layer, String prefix, int width) {
    if (config.mlpBias()) {
      unit.tensor("gate_up_bias", bias(name(layer, prefix + GATE_UP + ".bias"), 2 * width))
          .tensor("down_bias_D", bias(name(layer, prefix + "down_proj.bias"), config.hiddenSize()));
    }
  }

  private void slope(KernelTuple unit, int layer) {
    if (config.hiddenAct().hasSlope()) {
      Initializer first = new Initializer.Constant(config.hiddenAct().firstSlope());
      unit.tensor("slope", vector(name(layer, "mlp.act_fn.weight"), first, 1));
    }
  }

  private int bias(String name, long... shape) {
    return vector(name, new Initializer.Zeros(), shape);
  }

  private int norm(String name, long size) {
    return vector(name, new Initializer.Ones(), size);
  }

  private int vector(String name, Initializer first, long... shape) {
    specs.add(new ParameterSpec(name, new Shape(shape), first, ParameterGroup.NO_DECAY));
    return nextPlace();
  }

  private int matrix(String name, long... shape) {
    specs.add(new ParameterSpec(name, new Shape(shape), normal, ParameterGroup.DECAY));
    return nextPlace();
  }

  private int selectionBias(String name, long experts) {
    specs.add(
        new ParameterSpec(
            name, new Shape(experts), new Initializer.Zeros(), ParameterGroup.BUFFER));
    return biasPlaces++;
  }

  private int nextPlace() {
    int place = place();
    learnedPlaces++;
    return place;
  }

  /** Where the next learned tensor goes: selection biases lie before them. */
  private int place() {
    return routers + learnedPlaces;
  }

  private List<Integer> learnedFrom(int first) {
    return IntStream.range(first, place()).boxed().toList();
  }

  private static String name(int layer, String suffix) {
    return "model.layers." + layer + "." + suffix;
  }
}
