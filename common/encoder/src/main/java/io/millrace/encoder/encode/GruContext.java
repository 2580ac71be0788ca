package io.millrace.encoder.encode;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent network of gated units (Cho et al. 2014, arXiv 1406.1078) that reads each sequence of
 * places by itself; of a picture these are the columns, from above downwards.
 *
 * @param width of its state
 * @param layers one behind the other
 */
public record GruContext(int width, int layers) implements Context {

  private static final int GATES = 3;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no such network
   */
  public GruContext {
    Limits.require(width > 0 && width <= 8192, "a context of %s values", width);
    Limits.require(layers > 0 && layers <= 8, "a context of %s layers", layers);
  }

  @Override
  public int width(Encoder encoder) {
    return width;
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(GruContext.class, "gru.py"));
  }

  /** The variance is that of PyTorch's first values, which are uniform. */
  @Override
  public KernelTuple tuple(NetworkWeights weights, Encoder encoder) {
    Initializer first = new Initializer.Normal(Math.sqrt(1.0 / (3.0 * width)));
    int gates = GATES * width;
    List<Integer> places = new ArrayList<>();
    int from = encoder.width();
    for (int layer = 0; layer < layers; layer++) {
      places.add(weights.matrix("context.weight_ih_l" + layer, first, gates, from));
      places.add(weights.matrix("context.weight_hh_l" + layer, first, gates, width));
      places.add(weights.vector("context.bias_ih_l" + layer, first, gates));
      places.add(weights.vector("context.bias_hh_l" + layer, first, gates));
      from = width;
    }
    return new KernelTuple("Context")
        .tensors("weights", places)
        .number("width", width)
        .number("layers", layers);
  }
}
