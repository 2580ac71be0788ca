package io.millrace.encoder.encode;

import io.millrace.tensor.activation.Activation;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.ResidualBackbone;
import java.util.List;

/** Encoders that are small enough for tests. */
public final class SmallEncoders {

  /** Smooth, for finite differences. */
  public static final LayerStyle SMOOTH =
      new LayerStyle(Activation.TANH, Norm.GROUP, /* groupSize= */ 2, /* bias= */ true);

  /** The same with norms of more channels, few of which would be as good as a step. */
  private static final LayerStyle WIDE =
      new LayerStyle(Activation.TANH, Norm.GROUP, /* groupSize= */ 6, /* bias= */ true);

  private SmallEncoders() {}

  /** Of tokens below 11, two of which become a place. */
  public static EncoderConfig tokens(Context context, int steps) {
    TokenEncoder encoder = new TokenEncoder(11, 4, List.of(6, 6), List.of(3, 2), List.of(2, 1));
    return new EncoderConfig(WIDE, encoder, context, Pooling.CONTEXT_LAST, steps);
  }

  /** Of 3 x 3 crops of 16 pixels. */
  public static EncoderConfig pictures(Context context, int steps) {
    ResidualBackbone backbone = new ResidualBackbone(List.of(4, 4, 6), List.of(0, 1));
    return new EncoderConfig(
        SMOOTH,
        new PictureEncoder(backbone, 32, 32, 16, 16, 8),
        context,
        Pooling.ENCODER_MEAN,
        steps);
  }
}
