package io.millrace.encoder.encode;

import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.random.Draws;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.Products;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder as the parts it is composed of; {@code config.json} in a model folder.
 *
 * @param architecture always {@value #ARCHITECTURE}
 * @param layers what all layers have in common
 * @param encoder what turns a document into vectors at places
 * @param context what sums places up
 * @param pooling what makes one vector of a document
 * @param steps so many of the places that follow are predicted, each by a matrix of its own, which
 *     is a weight of the model; 0: it is not learned by prediction
 */
public record EncoderConfig(
    String architecture,
    LayerStyle layers,
    Encoder encoder,
    Context context,
    Pooling pooling,
    int steps) {

  /** What all encoders name. */
  public static final String ARCHITECTURE = "encoder";

  private static final int MAX_STEPS = 256;

  /** Usual size of a prediction's score at first, so that it begins as a mere guess. */
  private static final double FIRST_SCORE = 0.1;

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException which says what does not, and why
   */
  public EncoderConfig {
    Limits.require(
        architecture.equals(ARCHITECTURE),
        "architecture is %s, only %s is known",
        architecture,
        ARCHITECTURE);
    Limits.require(
        layers.norm() != Norm.BATCH,
        "with batch normalisation a document's vector would depend on the others of its batch: use"
            + " group, frozen_batch or none");
    Limits.require(steps >= 0 && steps <= MAX_STEPS, "%s steps are not 0 to %s", steps, MAX_STEPS);
    Limits.require(
        steps == 0 || !(encoder instanceof PictureEncoder pictures) || steps < pictures.rows(),
        "%s steps ahead do not fit the rows of crops: use fewer steps, or more and smaller crops",
        steps);
    Limits.require(
        !(encoder instanceof LanguageEncoder) || (context instanceof NoContext && steps == 0),
        "the states of a language model have a context already, and are not learned by prediction"
            + " of places: use context none and 0 steps");
    KernelTuple _ = tuple(new NetworkWeights(layers), encoder, context, pooling, steps);
  }

  /** Composed of these parts. */
  public EncoderConfig(
      LayerStyle layers, Encoder encoder, Context context, Pooling pooling, int steps) {
    this(ARCHITECTURE, layers, encoder, context, pooling, steps);
  }

  /**
   * The states of a language model as the encoder of a classifier.
   *
   * @param pooling their mean, or the last one as {@link Pooling#CONTEXT_LAST}
   */
  public static EncoderConfig ofLanguageModel(LanguageConfig model, Pooling pooling) {
    return new EncoderConfig(
        LayerStyle.groups(1), new LanguageEncoder(model), new NoContext(), pooling, /* steps= */ 0);
  }

  /** Values of a document's vector. */
  public int width() {
    return pooling.width(encoder, context);
  }

  /** The kernel files that define it, its layers, its activation and its choices. */
  public List<KernelSource> kernels() {
    List<KernelSource> kernels = new ArrayList<>(Products.F32.kernels());
    kernels.add(layers.activation().kernel());
    kernels.add(Draws.kernel());
    kernels.add(KernelSource.of(EncoderConfig.class, "encode.py"));
    kernels.addAll(encoder.kernels());
    kernels.addAll(context.kernels());
    return List.copyOf(kernels);
  }

  /** Describes its weights, which have to be the first: its EncoderNetwork. */
  public KernelTuple tuple(NetworkWeights weights) {
    return tuple(weights, encoder, context, pooling, steps);
  }

  private static KernelTuple tuple(
      NetworkWeights weights, Encoder encoder, Context context, Pooling pooling, int steps) {
    KernelTuple network =
        new KernelTuple("EncoderNetwork")
            .part("encoder", encoder.tuple(weights))
            .part("context", context.tuple(weights, encoder))
            .flag("of_context", pooling != Pooling.ENCODER_MEAN)
            .flag("last", pooling == Pooling.CONTEXT_LAST);
    Initializer first =
        new Initializer.Normal(
            FIRST_SCORE / Math.sqrt((double) encoder.width() * context.width(encoder)));
    List<Integer> predictions = new ArrayList<>();
    for (int k = 1; k <= steps; k++) {
      predictions.add(
          weights.matrix(
              "prediction" + k + ".weight", first, encoder.width(), context.width(encoder)));
    }
    return network.tensors("predictions", predictions).tensors("learned", weights.learned());
  }

  /** The same with another encoder, whose vectors are as wide. */
  public EncoderConfig with(Encoder other) {
    return new EncoderConfig(architecture, layers, other, context, pooling, steps);
  }

  /** The same that predicts another number of places. */
  public EncoderConfig withSteps(int other) {
    return new EncoderConfig(architecture, layers, encoder, context, pooling, other);
  }
}
