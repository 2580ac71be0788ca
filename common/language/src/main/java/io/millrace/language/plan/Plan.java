package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.Precision;
import java.util.Arrays;
import java.util.List;

/**
 * What a model costs.
 *
 * @param parameters learned values
 * @param batchTokens tokens of the batch that the activations are of
 * @param training bytes, one entry a policy
 * @param cache of generation, per token
 * @param flops per token
 */
public record Plan(
    ParameterCount parameters,
    long batchTokens,
    List<TrainingBytes> training,
    CacheBytes cache,
    FlopsPerToken flops) {

  private static final long MOST_TOKENS = 1L << 30;
  private static final int MOST_LAYERS = 10_000;

  /** Copies the list. */
  public Plan {
    training = List.copyOf(training);
  }

  /**
   * Plans a model; allocates nothing of it.
   *
   * @param batchTokens tokens of a batch, at least 1
   * @param context tokens of a document, 1 to the longest that the model reads
   * @throws IllegalArgumentException if one of them is out of its range, or the model is too large
   *     to be counted
   */
  public static Plan of(LanguageConfig config, long batchTokens, int context) {
    if (batchTokens < 1 || batchTokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a batch must have 1 to %d tokens, not %d".formatted(MOST_TOKENS, batchTokens));
    }
    long layers = (long) config.numHiddenLayers() + config.numNextnPredictLayers();
    if (layers > MOST_LAYERS) {
      throw new IllegalArgumentException(
          "a model of %d layers is not planned, at most of %d".formatted(layers, MOST_LAYERS));
    }
    if (context < 1 || context > config.maxPositionEmbeddings()) {
      throw new IllegalArgumentException(
          "a document must have 1 to %d tokens (max_position_embeddings), not %d"
              .formatted(config.maxPositionEmbeddings(), context));
    }
    try {
      ParameterCount parameters = ParameterCount.of(config);
      return new Plan(
          parameters,
          batchTokens,
          Arrays.stream(Precision.values())
              // It takes what f32 does.
              .filter(precision -> precision != Precision.TF32)
              .map(precision ->
                  TrainingBytes.of(config, parameters, precision, batchTokens, context))
              .toList(),
          CacheBytes.of(config),
          FlopsPerToken.of(config, parameters, context));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "the model is too large: its size does not fit into 64 bits", e);
    }
  }
}
