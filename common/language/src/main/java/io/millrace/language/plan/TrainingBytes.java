package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.Precision;

/**
 * Bytes that a training takes on its device, optimizer and one batch; without what operations need
 * while they run. There is one set of weights in float32, from which products round as they go, and
 * the backward pass reads float32 activations: precisions differ in their moments alone.
 *
 * @param policy {@link Precision#key()}
 * @param weights float32
 * @param gradients added up in float32
 * @param moments of AdamW
 * @param activations of one batch by how it is checkpointed
 */
public record TrainingBytes(
    String policy, long weights, long gradients, long moments, Activations activations) {

  /**
   * Bytes of what the backward pass of a batch reads.
   *
   * @param none every layer keeps all of it
   * @param everySecond every second layer keeps its input only and is computed again
   * @param all every layer does
   */
  public record Activations(long none, long everySecond, long all) {}

  /** All but the activations. */
  public long state() {
    return weights + gradients + moments;
  }

  static TrainingBytes of(
      LanguageConfig config,
      ParameterCount parameters,
      Precision precision,
      long tokens,
      int context) {
    long values = parameters.trained();
    return new TrainingBytes(
        precision.key(),
        values * Float.BYTES,
        values * Float.BYTES,
        2 * values * precision.moments().bytes(),
        new Activations(
            activations(config, tokens, context, 0),
            activations(config, tokens, context, 2),
            activations(config, tokens, context, 1)));
  }

  /**
   * @param every that layer is computed again: 0 none, 1 every one, 2 every second
   */
  private static long activations(LanguageConfig config, long tokens, int context, int every) {
    long kept = ActivationCount.head(config);
    long again = 0;
    int layers = config.numHiddenLayers() + config.numNextnPredictLayers();
    for (int layer = 0; layer < layers; layer++) {
      boolean mtp = layer >= config.numHiddenLayers();
      boolean moe = layer >= config.firstKDenseReplace();
      long own = ActivationCount.layer(config, moe || mtp, context);
      if (mtp) {
        kept += ActivationCount.joined(config) + ActivationCount.head(config);
      }
      if (every > 0 && layer % every == 0) {
        kept += config.hiddenSize();
        again = Math.max(again, own);
      } else {
        kept += own;
      }
    }
    return Math.multiplyExact(kept + again, tokens * Float.BYTES);
  }
}
