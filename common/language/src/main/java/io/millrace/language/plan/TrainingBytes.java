package io.millrace.language.plan;

import io.millrace.language.config.LanguageConfig;
import java.util.EnumSet;
import java.util.Set;

/**
 * Bytes that a training takes on its device, optimizer and one batch.
 *
 * @param policy {@link TrainingPolicy#key()}
 * @param weights that are computed with
 * @param masters float32 weights of the optimizer beside them
 * @param gradients added up in float32
 * @param moments of AdamW
 * @param activations of one batch by how it is checkpointed
 */
public record TrainingBytes(
    String policy,
    long weights,
    long masters,
    long gradients,
    long moments,
    Activations activations) {

  /** Parts whose matrices are multiplied in FP8 under that policy. */
  private static final Set<ModelPart> QUANTISED =
      EnumSet.of(
          ModelPart.ATTENTION,
          ModelPart.DENSE_FEED_FORWARD,
          ModelPart.SHARED_EXPERTS,
          ModelPart.ROUTED_EXPERTS,
          ModelPart.MTP);

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
    return weights + masters + gradients + moments;
  }

  static TrainingBytes of(
      LanguageConfig config, ParameterCount parameters, TrainingPolicy policy, long tokens) {
    long quantised = QUANTISED.stream().mapToLong(parameters::part).sum();
    long values = parameters.trained();
    return new TrainingBytes(
        policy.key(),
        policy.weights(quantised, values - quantised),
        policy.masters(values),
        policy.gradients(values),
        policy.moments(values),
        new Activations(
            activations(config, policy, tokens, 0),
            activations(config, policy, tokens, 2),
            activations(config, policy, tokens, 1)));
  }

  /**
   * @param every that layer is computed again: 0 none, 1 every one, 2 every second
   */
  private static long activations(
      LanguageConfig config, TrainingPolicy policy, long tokens, int every) {
    ActivationCount kept = ActivationCount.head(config);
    ActivationCount again = ActivationCount.NONE;
    int layers = config.numHiddenLayers() + config.numNextnPredictLayers();
    for (int layer = 0; layer < layers; layer++) {
      boolean mtp = layer >= config.numHiddenLayers();
      boolean moe = layer >= config.firstKDenseReplace();
      ActivationCount own = ActivationCount.layer(config, moe || mtp);
      if (mtp) {
        kept = kept.plus(ActivationCount.joined(config)).plus(ActivationCount.head(config));
      }
      if (every > 0 && layer % every == 0) {
        kept = kept.plus(ActivationCount.checkpoint(config));
        again = larger(policy, again, own);
      } else {
        kept = kept.plus(own);
      }
    }
    ActivationCount peak = kept.plus(again).times(tokens);
    return policy.activations(peak.inputs(), peak.other());
  }

  private static ActivationCount larger(
      TrainingPolicy policy, ActivationCount one, ActivationCount other) {
    return policy.activations(one.inputs(), one.other())
            >= policy.activations(other.inputs(), other.other())
        ? one
        : other;
  }
}
