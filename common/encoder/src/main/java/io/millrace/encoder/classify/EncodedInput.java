package io.millrace.encoder.classify;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.LanguageEncoder;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.language.model.StoredTensor;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Texts or pictures, of which an encoder makes features.
 *
 * @param encoder which predicts nothing
 * @param frozen whether its weights stay as they are
 */
public record EncodedInput(EncoderConfig encoder, boolean frozen) implements ClassifierInput {

  /**
   * Checks the encoder.
   *
   * @throws IllegalArgumentException if it predicts what follows, which a classifier does not need
   */
  public EncodedInput {
    Limits.require(
        encoder.steps() == 0,
        "the encoder of a classifier predicts nothing, this one %s steps ahead",
        encoder.steps());
  }

  /** The same encoder as that of a published model, with all that its vectors need. */
  public static EncodedInput of(EncoderConfig published, boolean frozen) {
    boolean contextCounts = published.pooling() != Pooling.ENCODER_MEAN;
    return new EncodedInput(
        new EncoderConfig(
            published.layers(),
            published.encoder(),
            contextCounts ? published.context() : new NoContext(),
            published.pooling(),
            /* steps= */ 0),
        frozen);
  }

  @Override
  public int width() {
    return encoder.width();
  }

  @Override
  public LayerStyle style() {
    return encoder.layers();
  }

  @Override
  public List<KernelSource> kernels() {
    List<KernelSource> kernels = new ArrayList<>(encoder.kernels());
    kernels.add(KernelSource.of(EncodedInput.class, "encoded.py"));
    return List.copyOf(kernels);
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    return new KernelTuple("Source").part("encoder", encoder.tuple(weights));
  }

  @Override
  public boolean learns() {
    return !frozen;
  }

  /** A language model stores experts, and gates and their other halves, one by one. */
  @Override
  public Function<ParameterSpec, List<StoredTensor>> stored() {
    return switch (encoder.encoder()) {
      case LanguageEncoder _ -> StoredTensor::of;
      case TokenEncoder _, PictureEncoder _ -> ClassifierInput.super.stored();
    };
  }

  @Override
  public void requireFits(Inputs inputs) {
    switch (inputs) {
      case Inputs.Documents documents -> encoder.encoder().requireFits(documents.batch());
      case Inputs.Rows _ ->
          throw new IllegalArgumentException("this model takes texts or pictures, not rows");
    }
  }
}
