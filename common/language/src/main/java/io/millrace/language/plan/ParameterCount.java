package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.DecoderLayout;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Learned values of a model, counted over the very list that its weights are allocated from.
 *
 * <p>The convention is that of the published figures (arXiv 2412.19437, section 4.2: 671 B, 37 B;
 * arXiv 2405.04434, appendix B: 15.7 B, 2.4 B): MTP modules are counted apart, and a token's active
 * values are those it is multiplied with, so not the embedding, of which it reads one row.
 *
 * @param total of the main model, embedding and head included
 * @param active values that one token is multiplied with: everything but the embedding, of the
 *     routed experts the chosen ones; a head tied to the embedding counts
 * @param activeWithEmbedding the same and the whole embedding
 * @param mtp of the MTP modules, what they share with the main model not counted
 * @param trained all values that training updates: {@code total + mtp}
 * @param released values in a released file, which holds copies of embedding and head for every MTP
 *     module
 * @param parts values of each part by {@link ModelPart#key()}; together {@code trained}
 */
public record ParameterCount(
    long total,
    long active,
    long activeWithEmbedding,
    long mtp,
    long trained,
    long released,
    Map<String, Long> parts) {

  /** Counts a configuration's weights. */
  public static ParameterCount of(LanguageConfig config) {
    Map<ModelPart, Long> parts = new EnumMap<>(ModelPart.class);
    for (ModelPart part : ModelPart.values()) {
      parts.put(part, 0L);
    }
    for (ParameterSpec spec : new DecoderLayout(config).specs()) {
      if (spec.group().learned()) {
        ModelPart part = ModelPart.of(spec.name(), config.numHiddenLayers());
        parts.merge(part, spec.count(), Math::addExact);
      }
    }
    long trained = parts.values().stream().mapToLong(Long::longValue).reduce(0, Math::addExact);
    long mtp = parts.getOrDefault(ModelPart.MTP, 0L);
    long total = trained - mtp;
    long embedding = parts.getOrDefault(ModelPart.EMBEDDING, 0L);
    long experts = parts.getOrDefault(ModelPart.ROUTED_EXPERTS, 0L);
    long idle = experts - chosen(experts, config);
    long head = (long) config.vocabSize() * config.hiddenSize();
    Map<String, Long> named = new LinkedHashMap<>();
    parts.forEach((part, count) -> named.put(part.key(), count));
    return new ParameterCount(
        total,
        total - idle - (config.tieWordEmbeddings() ? 0 : embedding),
        total - idle,
        mtp,
        trained,
        Math.addExact(trained, Math.multiplyExact(2 * head, config.numNextnPredictLayers())),
        named);
  }

  /** Values of a part. */
  public long part(ModelPart part) {
    return parts.getOrDefault(part.key(), 0L);
  }

  /** Of the values of routed experts those that a token meets. */
  static long chosen(long experts, LanguageConfig config) {
    return config.nRoutedExperts() == 0
        ? 0
        : experts / config.nRoutedExperts() * config.numExpertsPerTok();
  }

  /** Copies the parts in their order. */
  public ParameterCount {
    parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }
}
