package io.millrace.language.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.tensor.activation.Activation;
import org.jspecify.annotations.Nullable;

/**
 * Shape of a DeepSeek-V3 style decoder under the names of Hugging Face's {@code config.json}.
 *
 * @param vocabSize V
 * @param hiddenSize D
 * @param intermediateSize width of the dense layers
 * @param moeIntermediateSize width of one expert
 * @param numHiddenLayers layers without the MTP modules
 * @param numAttentionHeads H
 * @param qLoraRank rank of the query compression; null: queries are not compressed
 * @param kvLoraRank C, size of the latent
 * @param qkNopeHeadDim part of a head without position
 * @param qkRopeHeadDim part of a head with rotary position, even
 * @param vHeadDim size of a head's value
 * @param nRoutedExperts E
 * @param nSharedExperts shared experts, as one of their summed width
 * @param numExpertsPerTok K
 * @param nGroup groups of experts
 * @param topkGroup groups that a token may choose from
 * @param normTopkProb whether the gates of a token sum to the scaling factor
 * @param routedScalingFactor factor of the gates
 * @param firstKDenseReplace layers before the first with experts
 * @param numNextnPredictLayers MTP modules, 0 or more
 * @param maxPositionEmbeddings longest document
 * @param rmsNormEps epsilon of the norms
 * @param ropeTheta base of the rotary frequencies
 * @param initializerRange standard deviation of the first weights
 * @param tieWordEmbeddings whether the head is the embedding
 * @param eosTokenId end of a document
 * @param ropeScaling how the context was extended; null: it was not
 * @param hiddenAct function of the gates of the feed-forward layers
 * @param attentionBias whether the compressions and the output of the attention have biases
 * @param mlpBias whether all projections of the feed-forward layers have biases; our own key
 * @param routerBias whether the routers have learned biases, beside those that balance; our own key
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record LanguageConfig(
    @JsonProperty("vocab_size") int vocabSize,
    @JsonProperty("hidden_size") int hiddenSize,
    @JsonProperty("intermediate_size") int intermediateSize,
    @JsonProperty("moe_intermediate_size") int moeIntermediateSize,
    @JsonProperty("num_hidden_layers") int numHiddenLayers,
    @JsonProperty("num_attention_heads") int numAttentionHeads,
    @JsonProperty("q_lora_rank") @Nullable Integer qLoraRank,
    @JsonProperty("kv_lora_rank") int kvLoraRank,
    @JsonProperty("qk_nope_head_dim") int qkNopeHeadDim,
    @JsonProperty("qk_rope_head_dim") int qkRopeHeadDim,
    @JsonProperty("v_head_dim") int vHeadDim,
    @JsonProperty("n_routed_experts") int nRoutedExperts,
    @JsonProperty("n_shared_experts") int nSharedExperts,
    @JsonProperty("num_experts_per_tok") int numExpertsPerTok,
    @JsonProperty("n_group") int nGroup,
    @JsonProperty("topk_group") int topkGroup,
    @JsonProperty("norm_topk_prob") boolean normTopkProb,
    @JsonProperty("routed_scaling_factor") double routedScalingFactor,
    @JsonProperty("first_k_dense_replace") int firstKDenseReplace,
    @JsonProperty("num_nextn_predict_layers") int numNextnPredictLayers,
    @JsonProperty("max_position_embeddings") int maxPositionEmbeddings,
    @JsonProperty("rms_norm_eps") double rmsNormEps,
    @JsonProperty("rope_theta") double ropeTheta,
    @JsonProperty("initializer_range") double initializerRange,
    @JsonProperty("tie_word_embeddings") boolean tieWordEmbeddings,
    @JsonProperty("eos_token_id") int eosTokenId,
    @JsonProperty("rope_scaling") @Nullable RopeScaling ropeScaling,
    @JsonProperty("hidden_act") Activation hiddenAct,
    @JsonProperty("attention_bias") boolean attentionBias,
    @JsonProperty("mlp_bias") boolean mlpBias,
    @JsonProperty("router_bias") boolean routerBias) {

  /**
   * Far above all published models, and low enough that no size computed of them overflows: a
   * configuration from elsewhere must not be able to make numbers wrap or memory run out.
   */
  private static final int MAX_EXPERTS = 1 << 14;

  private static final int MAX_SHARED_EXPERTS = 64;
  private static final int MAX_HEADS = 1 << 14;
  private static final int MAX_HEAD_DIM = 1 << 13;
  private static final int MAX_WIDTH = 1 << 20;
  private static final int MAX_VOCABULARY = 1 << 24;

  public LanguageConfig {
    atMost("vocab_size", vocabSize, MAX_VOCABULARY);
    atMost("hidden_size", hiddenSize, MAX_WIDTH);
    atMost("intermediate_size", intermediateSize, MAX_WIDTH);
    atMost("moe_intermediate_size", moeIntermediateSize, MAX_WIDTH);
    atMost("kv_lora_rank", kvLoraRank, MAX_WIDTH);
    atMost("q_lora_rank", qLoraRank == null ? 0 : qLoraRank, MAX_WIDTH);
    atMost("num_attention_heads", numAttentionHeads, MAX_HEADS);
    atMost("qk_nope_head_dim", qkNopeHeadDim, MAX_HEAD_DIM);
    atMost("qk_rope_head_dim", qkRopeHeadDim, MAX_HEAD_DIM);
    atMost("v_head_dim", vHeadDim, MAX_HEAD_DIM);
    atMost("n_routed_experts", nRoutedExperts, MAX_EXPERTS);
    atMost("n_shared_experts", nSharedExperts, MAX_SHARED_EXPERTS);
    positive("vocab_size", vocabSize);
    positive("hidden_size", hiddenSize);
    positive("intermediate_size", intermediateSize);
    positive("num_hidden_layers", numHiddenLayers);
    positive("num_attention_heads", numAttentionHeads);
    positive("kv_lora_rank", kvLoraRank);
    positive("qk_nope_head_dim", qkNopeHeadDim);
    positive("qk_rope_head_dim", qkRopeHeadDim);
    positive("v_head_dim", vHeadDim);
    positive("max_position_embeddings", maxPositionEmbeddings);
    if (qLoraRank != null) {
      positive("q_lora_rank", qLoraRank);
    }
    require(qkRopeHeadDim % 2 == 0, "qk_rope_head_dim must be even, it is " + qkRopeHeadDim);
    require(
        firstKDenseReplace >= 0 && firstKDenseReplace <= numHiddenLayers,
        "first_k_dense_replace must be 0 to num_hidden_layers (%d), it is %d"
            .formatted(numHiddenLayers, firstKDenseReplace));
    require(numNextnPredictLayers >= 0, "num_nextn_predict_layers must not be negative");
    if (firstKDenseReplace < numHiddenLayers || numNextnPredictLayers > 0) {
      positive("moe_intermediate_size", moeIntermediateSize);
      positive("n_routed_experts", nRoutedExperts);
      positive("n_shared_experts", nSharedExperts);
      require(
          numExpertsPerTok > 0 && nGroup > 0 && nRoutedExperts % nGroup == 0,
          "n_group (%d) must divide n_routed_experts (%d), num_experts_per_tok must be positive"
              .formatted(nGroup, nRoutedExperts));
      require(
          nGroup == 1 || nRoutedExperts / nGroup >= 2,
          "a group is ranked by its two best experts: n_routed_experts / n_group must be at least 2");
      require(
          topkGroup > 0 && topkGroup <= nGroup,
          "topk_group (%d) must be 1 to n_group (%d)".formatted(topkGroup, nGroup));
      require(
          numExpertsPerTok <= topkGroup * (nRoutedExperts / nGroup),
          "%d experts a token do not fit into %d groups of %d"
              .formatted(numExpertsPerTok, topkGroup, nRoutedExperts / nGroup));
    }
    finite("routed_scaling_factor", routedScalingFactor);
    finite("rms_norm_eps", rmsNormEps);
    finite("rope_theta", ropeTheta);
    finite("initializer_range", initializerRange);
    require(rmsNormEps > 0 && ropeTheta > 0, "rms_norm_eps and rope_theta must be positive");
    require(
        eosTokenId >= 0 && eosTokenId < vocabSize,
        "eos_token_id %d is not in the vocabulary of %d".formatted(eosTokenId, vocabSize));
  }

  /**
   * A named configuration for a vocabulary; {@link LanguagePresets} has the names.
   *
   * @throws IllegalArgumentException if there is none of that name, or the decoder cannot run it
   */
  public static LanguageConfig preset(String name, int vocabSize, int eosTokenId) {
    return LanguagePresets.trainable(name, vocabSize, eosTokenId);
  }

  /** The same shape for another vocabulary. */
  public LanguageConfig withVocabulary(int vocabulary, int endOfDocument) {
    return new LanguageConfig(
        vocabulary,
        hiddenSize,
        intermediateSize,
        moeIntermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        qLoraRank,
        kvLoraRank,
        qkNopeHeadDim,
        qkRopeHeadDim,
        vHeadDim,
        nRoutedExperts,
        nSharedExperts,
        numExpertsPerTok,
        nGroup,
        topkGroup,
        normTopkProb,
        routedScalingFactor,
        firstKDenseReplace,
        numNextnPredictLayers,
        maxPositionEmbeddings,
        rmsNormEps,
        ropeTheta,
        initializerRange,
        tieWordEmbeddings,
        endOfDocument,
        ropeScaling,
        hiddenAct,
        attentionBias,
        mlpBias,
        routerBias);
  }

  /** Numbers cached for a token in a layer: latent and shared rotary key. */
  public int cachedPerTokenAndLayer() {
    return kvLoraRank + qkRopeHeadDim;
  }

  private static void positive(String key, int value) {
    require(value > 0, key + " must be positive, it is " + value);
  }

  private static void atMost(String key, int value, int limit) {
    require(value <= limit, "%s must be at most %d, it is %d".formatted(key, limit, value));
  }

  private static void finite(String key, double value) {
    require(Double.isFinite(value), key + " must be a finite number, it is " + value);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException("language model configuration: " + otherwise);
    }
  }
}
