package io.millrace.encoder.encode;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An embedding and causal convolutions, which see nothing of other documents. A stride above 1
 * makes one place of a group of them; a document's last group may be smaller, so that every token
 * is seen.
 *
 * @param vocabulary number of token ids
 * @param embedding values of a token's vector
 * @param widths of the convolutions' results; none: the embedding is the result
 * @param taps places that each convolution sees, its own and those before it
 * @param strides places that become one
 */
public record TokenEncoder(
    int vocabulary, int embedding, List<Integer> widths, List<Integer> taps, List<Integer> strides)
    implements TextEncoder {

  private static final int MAX_VOCABULARY = 1 << 24;
  private static final int MAX_LAYERS = 32;
  private static final int MAX_TAPS = 64;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no such encoder
   */
  public TokenEncoder {
    widths = List.copyOf(widths);
    taps = List.copyOf(taps);
    strides = List.copyOf(strides);
    Limits.require(
        vocabulary > 0 && vocabulary <= MAX_VOCABULARY, "a vocabulary of %s tokens", vocabulary);
    Limits.require(embedding > 0 && embedding <= 8192, "an embedding of %s values", embedding);
    Limits.require(
        widths.size() == taps.size()
            && widths.size() == strides.size()
            && widths.size() <= MAX_LAYERS,
        "%s widths, %s numbers of taps and %s strides do not make convolutions",
        widths.size(),
        taps.size(),
        strides.size());
    for (int i = 0; i < taps.size(); i++) {
      Limits.require(
          strides.get(i) >= 1 && taps.get(i) >= strides.get(i) && taps.get(i) <= MAX_TAPS,
          "a convolution of %s taps and stride %s would miss places, or is above %s",
          taps.get(i),
          strides.get(i),
          MAX_TAPS);
    }
  }

  /** It has no context that would end. */
  @Override
  public int longest() {
    return Integer.MAX_VALUE;
  }

  @Override
  public int width() {
    return widths.isEmpty() ? embedding : widths.getLast();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(TokenEncoder.class, "tokens.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    int table =
        weights.matrix(
            "encoder.embedding.weight", new Initializer.Normal(1), vocabulary, embedding);
    List<KernelTuple> layers = new ArrayList<>();
    int from = embedding;
    for (int i = 0; i < widths.size(); i++) {
      Convolution seen = Convolution.pointwise(taps.get(i) * from, widths.get(i));
      layers.add(
          new KernelTuple("Causal")
              .part("conv", weights.conv("encoder.layer" + (i + 1), seen))
              .number("kernel", taps.get(i))
              .number("stride", strides.get(i)));
      from = widths.get(i);
    }
    return new KernelTuple("Encoder").tensor("embedding_VD", table).parts("layers", layers);
  }

  @Override
  public List<Layer> layers() {
    return IntStream.range(0, widths.size())
        .mapToObj(i ->
            Layer.of("layer" + (i + 1), taps.get(i), strides.get(i), taps.get(i) - strides.get(i)))
        .toList();
  }

  /** The same for another vocabulary. */
  public TokenEncoder withVocabulary(int tokens) {
    return new TokenEncoder(tokens, embedding, widths, taps, strides);
  }

  /** Places that so many tokens become. */
  public int places(int tokens) {
    int places = tokens;
    for (int stride : strides) {
      places = (places + stride - 1) / stride;
    }
    return places;
  }

  @Override
  public int[] sequences(EncoderBatch batch) {
    int[] starts = TextEncoder.texts(batch).packed().documentStarts();
    int[] sequences = new int[starts.length];
    for (int i = 1; i < starts.length; i++) {
      sequences[i] = sequences[i - 1] + places(starts[i] - starts[i - 1]);
    }
    return sequences;
  }

  @Override
  public void requireFits(EncoderBatch batch) {
    TokenBatch _ = requireTexts(batch);
  }
}
