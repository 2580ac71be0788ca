package io.millrace.encoder.classify;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.tensor.activation.Activation;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.ResidualBackbone;
import java.util.List;

/** Encoders of classifiers that begin with nothing: they learn with the head. */
public enum FreshEncoders {
  /** Of a text the mean of its tokens' vectors (Joulin et al. 2016, arXiv 1607.01759). */
  BAG(List.of(), List.of(), 64),
  /** Three or four layers, for small pictures and short texts. */
  NANO(List.of(16, 32, 64), List.of(1, 1), 64),
  /** Some more, and wider ones. */
  MICRO(List.of(32, 64, 128, 256), List.of(1, 1, 1), 128);

  private static final int GROUP = 8;
  private static final int TAPS = 3;

  private final List<Integer> widths;
  private final List<Integer> blocks;
  private final int tokenWidth;

  FreshEncoders(List<Integer> widths, List<Integer> blocks, int tokenWidth) {
    this.widths = widths;
    this.blocks = blocks;
    this.tokenWidth = tokenWidth;
  }

  /** Whether it encodes pictures too. */
  public boolean takesPictures() {
    return !blocks.isEmpty();
  }

  /**
   * Of pictures: a residual network over all of them, and the mean of its last map.
   *
   * @throws IllegalArgumentException if their sides are no multiples of its stride
   */
  public EncodedInput pictures(int width, int height) {
    PictureEncoder encoder =
        PictureEncoder.whole(new ResidualBackbone(widths, blocks), width, height);
    return learning(
        new EncoderConfig(
            LayerStyle.groups(GROUP), encoder, new NoContext(), Pooling.ENCODER_MEAN, 0));
  }

  /** Of texts: vectors of tokens, causal convolutions over them, and their mean. */
  public EncodedInput texts(int vocabulary) {
    List<Integer> layers = blocks.stream().map(block -> tokenWidth).toList();
    List<Integer> taps = blocks.stream().map(block -> TAPS).toList();
    TokenEncoder encoder = new TokenEncoder(vocabulary, tokenWidth, layers, taps, blocks);
    LayerStyle style = new LayerStyle(Activation.GELU, Norm.GROUP, GROUP, /* bias= */ false);
    return learning(new EncoderConfig(style, encoder, new NoContext(), Pooling.ENCODER_MEAN, 0));
  }

  private static EncodedInput learning(EncoderConfig encoder) {
    return new EncodedInput(encoder, /* frozen= */ false);
  }
}
