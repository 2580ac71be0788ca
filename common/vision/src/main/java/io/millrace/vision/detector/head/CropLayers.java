package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * One of MTCNN's networks: convolutions without padding, the last of which covers what is left of a
 * crop (Zhang et al. 2016, arXiv 1604.02878, figure 2).
 *
 * @param name in the names of weights
 * @param side pixels of a crop
 * @param layers in order
 */
record CropLayers(String name, int side, List<Layer> layers) {

  /** Proposes. */
  static final CropLayers P =
      new CropLayers(
          "p_net", 12, List.of(new Layer(3, 10, 2), new Layer(3, 16, 0), new Layer(3, 32, 0)));

  /** Refines. */
  static final CropLayers R =
      new CropLayers(
          "r_net",
          24,
          List.of(
              new Layer(3, 28, 3), new Layer(3, 48, 3), new Layer(2, 64, 0), new Layer(3, 128, 0)));

  /** Has the last word. */
  static final CropLayers O =
      new CropLayers(
          "o_net",
          48,
          List.of(
              new Layer(3, 32, 3),
              new Layer(3, 64, 3),
              new Layer(3, 64, 2),
              new Layer(2, 128, 0),
              new Layer(3, 256, 0)));

  private static final int COLOURS = 3;
  private static final double SLOPE = 0.25;

  /**
   * A convolution.
   *
   * @param kernel side
   * @param width channels
   * @param pool side of the max pooling after it, at every other place; 0: none
   */
  record Layer(int kernel, int width, int pool) {}

  /** Its layers as they run over a picture. */
  List<io.millrace.vision.receptive.Layer> scanning() {
    List<io.millrace.vision.receptive.Layer> scanning = new ArrayList<>();
    for (int i = 1; i <= layers.size(); i++) {
      Layer layer = layers.get(i - 1);
      scanning.add(io.millrace.vision.receptive.Layer.of(name + ".conv" + i, layer.kernel(), 1, 0));
      if (layer.pool() > 0) {
        scanning.add(io.millrace.vision.receptive.Layer.of(name + ".pool" + i, layer.pool(), 2, 0));
      }
    }
    return scanning;
  }

  /** A CropNet of {@code crop_nets.py}. */
  KernelTuple tuple(NetworkWeights weights) {
    List<KernelTuple> convolutions = new ArrayList<>();
    int from = COLOURS;
    for (Layer layer : layers) {
      convolutions.add(
          tuple(weights, "head.%s.%d".formatted(name, convolutions.size()), from, layer));
      from = layer.width();
    }
    return new KernelTuple("CropNet")
        .parts("layers", convolutions)
        .part("score", output(weights, "score", from, 2))
        .part("box", output(weights, "box", from, 4))
        .number("side", side);
  }

  private static KernelTuple tuple(NetworkWeights weights, String own, int from, Layer layer) {
    int side = layer.kernel();
    Initializer first = new Initializer.Normal(Math.sqrt(2.0 / (from * side * side)));
    return new KernelTuple("CropConv")
        .tensor(
            "weight_OIkk", weights.matrix(own + ".weight", first, layer.width(), from, side, side))
        .tensor("bias_O", weights.vector(own + ".bias", new Initializer.Zeros(), layer.width()))
        .tensor(
            "slope_O",
            weights.vector(own + ".slope", new Initializer.Constant(SLOPE), layer.width()))
        .number("pool", layer.pool());
  }

  private KernelTuple output(NetworkWeights weights, String what, int from, int to) {
    Initializer first = new Initializer.Normal(Math.sqrt(1.0 / from) / 10);
    return weights.biased(
        "head.%s.%s".formatted(name, what), Convolution.pointwise(from, to), first, 0);
  }
}
