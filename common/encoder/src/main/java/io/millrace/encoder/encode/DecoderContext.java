package io.millrace.encoder.encode;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.DecoderBody;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of this project's decoder (multi-head latent attention, arXiv 2412.19437, section
 * 2.1.1, and SwiGLU), each as wide as the encoder's vectors, which read each sequence of places by
 * itself: a place sees itself and those before it.
 *
 * @param layers blocks one behind the other
 * @param heads of the attention
 * @param headWidth values of a head, of a key without its position as of a value
 * @param rotaryWidth further values of a key with its position, even
 * @param latent values from which keys and values of all heads are made
 * @param feedForward width inside of the gated layer
 */
public record DecoderContext(
    int layers, int heads, int headWidth, int rotaryWidth, int latent, int feedForward)
    implements Context {

  private static final int MAX_LAYERS = 64;

  /** Of none that is looked up: places are vectors already. */
  private static final int NO_VOCABULARY = 1;

  private static final double INITIAL_RANGE = 0.02;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are no such blocks
   */
  public DecoderContext {
    Limits.require(layers > 0 && layers <= MAX_LAYERS, "a context of %s blocks", layers);
    LanguageConfig _ = config(1, layers, heads, headWidth, rotaryWidth, latent, feedForward);
  }

  private LanguageConfig config(int width) {
    return config(width, layers, heads, headWidth, rotaryWidth, latent, feedForward);
  }

  /** A decoder of dense layers alone; of how long a sequence is, none of them knows. */
  private static LanguageConfig config(
      int width,
      int layers,
      int heads,
      int headWidth,
      int rotaryWidth,
      int latent,
      int feedForward) {
    return new LanguageConfig(
        NO_VOCABULARY,
        width,
        feedForward,
        /* moeIntermediateSize= */ 0,
        layers,
        heads,
        /* qLoraRank= */ null,
        latent,
        headWidth,
        rotaryWidth,
        headWidth,
        /* nRoutedExperts= */ 0,
        /* nSharedExperts= */ 0,
        /* numExpertsPerTok= */ 0,
        /* nGroup= */ 0,
        /* topkGroup= */ 0,
        /* normTopkProb= */ false,
        /* routedScalingFactor= */ 1,
        /* firstKDenseReplace= */ layers,
        /* numNextnPredictLayers= */ 0,
        Integer.MAX_VALUE,
        /* rmsNormEps= */ 1e-6,
        /* ropeTheta= */ 10_000,
        INITIAL_RANGE,
        /* tieWordEmbeddings= */ true,
        /* eosTokenId= */ 0,
        /* ropeScaling= */ null,
        Activation.SILU,
        /* attentionBias= */ false,
        /* mlpBias= */ false,
        /* routerBias= */ false);
  }

  @Override
  public int width(Encoder encoder) {
    return encoder.width();
  }

  @Override
  public List<KernelSource> kernels() {
    List<KernelSource> kernels = new ArrayList<>(DecoderBody.kernels(config(1)));
    kernels.add(KernelSource.of(DecoderContext.class, "decoder_context.py"));
    return List.copyOf(kernels);
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, Encoder encoder) {
    DecoderBody body = new DecoderBody(config(encoder.width()), "context.", weights::add);
    return new KernelTuple("Context").part("body", body.layers()).part("shape", body.shape());
  }
}
