package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.Precision;

/**
 * Bytes that a training takes on its device, optimizer and one batch; without what operations need
 * while they run. There is one set of weights in float32, and activations are counted as the
 * float32 step keeps them. So precisions differ in their moments, and where tensor cores train on
 * bfloat16 tensors, in copies of the weights, which take the place of rounding as products go.
 *
 * @param policy {@link Precision#key()}
 * @param weights float32
 * @param gradients added up in float32
 * @param moments of AdamW
 * @param copies in bfloat16 of all weights, on a GPU alone
 * @param activations of one batch by what is recomputed
 */
public record TrainingBytes(
    String policy,
    long weights,
    long gradients,
    long moments,
    long copies,
    Activations activations) {

  /**
   * Bytes of what is kept of a batch until its backward pass, and of the largest part of it that is
   * made for a moment: a layer that is computed again, or logits.
   *
   * @param none every layer keeps all of it
   * @param everySecond every second layer keeps its input only and is computed again
   * @param all every layer does
   */
  public record Activations(long none, long everySecond, long all) {}

  /** All but the activations, on a processor. */
  public long state() {
    return Math.addExact(Math.addExact(weights, gradients), moments);
  }

  /** The same on a GPU. */
  public long stateOnGpu() {
    return Math.addExact(state(), copies);
  }

  static TrainingBytes of(
      LanguageConfig config,
      ParameterCount parameters,
      Precision precision,
      long tokens,
      int context) {
    long weights = Math.multiplyExact(parameters.trained(), Float.BYTES);
    return new TrainingBytes(
        precision.key(),
        weights,
        weights,
        Math.multiplyExact(parameters.trained(), 2L * precision.moments().bytes()),
        precision.copiesWeights() ? Math.multiplyExact(parameters.trained(), 2L) : 0,
        new Activations(
            activations(config, tokens, context, 0),
            activations(config, tokens, context, 2),
            activations(config, tokens, context, 1)));
  }

  /**
   * @param every that layer is computed again: 0 none, 1 every one, 2 every second
   */
  private static long activations(LanguageConfig config, long tokens, int context, int every) {
    ActivationCount count = new ActivationCount(config, tokens, context);
    long kept = count.lastNorm();
    long passing = count.head();
    int layers = config.numHiddenLayers() + config.numNextnPredictLayers();
    for (int layer = 0; layer < layers; layer++) {
      boolean mtp = layer >= config.numHiddenLayers();
      long own = count.layer(mtp || layer >= config.firstKDenseReplace());
      if (mtp) {
        kept = Math.addExact(kept, Math.addExact(count.joined(), count.lastNorm()));
      }
      boolean again = every > 0 && layer % every == 0;
      kept = Math.addExact(kept, again ? count.input() : own);
      passing = Math.max(passing, again ? own : 0);
    }
    return Math.multiplyExact(Math.addExact(kept, passing), Float.BYTES);
  }
}
