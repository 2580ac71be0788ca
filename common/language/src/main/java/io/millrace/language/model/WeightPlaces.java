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
import java.util.function.ToIntFunction;

/**
 * Walks through a decoder and gives every weight its place: in the order of checkpoints and
 * optimizer state, and by name in the NamedTuples of {@code weights.py}. This is the only place
 * where that order is written.
 */
final class WeightPlaces {

  private static final String SHARED = "mlp.shared_experts.";

  private final LanguageConfig config;
  private final String prefix;
  private final ToIntFunction<ParameterSpec> places;
  private final Initializer normal;
  private final List<Integer> learned = new ArrayList<>();

  /**
   * A walk that gives places one after the other.
   *
   * @param prefix of all names but that of the head
   */
  WeightPlaces(LanguageConfig config, String prefix, ToIntFunction<ParameterSpec> places) {
    this.config = config;
    this.prefix = prefix;
    this.places = places;
    this.normal = new Initializer.Normal(config.initializerRange());
  }

  /** A whole decoder: Weights. */
  KernelTuple decoder() {
    int hidden = config.hiddenSize();
    int embedding = matrix("embed_tokens.weight", config.vocabSize(), hidden);
    KernelTuple all =
        new KernelTuple("Weights")
            .tensor("embedding_VD", embedding)
            .tensor("norm_D", norm("norm.weight", hidden))
            .tensor(
                "head_VD",
                config.tieWordEmbeddings()
                    ? embedding
                    : add(
                        "lm_head.weight",
                        normal,
                        ParameterGroup.DECAY,
                        config.vocabSize(),
                        hidden));
    List<KernelTuple> layers = layers();
    List<KernelTuple> modules = new ArrayList<>();
    for (int k = 0; k < config.numNextnPredictLayers(); k++) {
      modules.add(module(config.numHiddenLayers() + k));
    }
    return all.parts("layers", layers).parts("modules", modules).tensors("learned", learnedFrom(0));
  }

  /** Its layers alone: a Body. */
  KernelTuple body() {
    return new KernelTuple("Body")
        .parts("layers", layers())
        .tensor("norm_D", norm("norm.weight", config.hiddenSize()));
  }

  private List<KernelTuple> layers() {
    List<KernelTuple> layers = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      layers.add(layer(layer, layer >= config.firstKDenseReplace()));
    }
    return layers;
  }

  private KernelTuple module(int layer) {
    int hidden = config.hiddenSize();
    int first = learned.size();
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
    int first = learned.size();
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
    return add(prefix + name, first, ParameterGroup.NO_DECAY, shape);
  }

  /** A learned tensor with weight decay; its place. */
  int matrix(String name, long... shape) {
    return add(prefix + name, normal, ParameterGroup.DECAY, shape);
  }

  private int selectionBias(String name, long experts) {
    return add(prefix + name, new Initializer.Zeros(), ParameterGroup.BUFFER, experts);
  }

  private int add(String name, Initializer first, ParameterGroup group, long... shape) {
    int place = places.applyAsInt(new ParameterSpec(name, new Shape(shape), first, group));
    if (group.learned()) {
      learned.add(place);
    }
    return place;
  }

  /** The places of what was added since so many were. */
  private List<Integer> learnedFrom(int first) {
    return List.copyOf(learned.subList(first, learned.size()));
  }

  private static String name(int layer, String suffix) {
    return "layers." + layer + "." + suffix;
  }
}
