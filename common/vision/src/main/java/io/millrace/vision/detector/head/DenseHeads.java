package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/** What heads on several maps are made of, which share their convolutions. */
final class DenseHeads {

  /** A score of 0.01 everywhere at first (RetinaNet, Lin et al. 2017, section 4.1). */
  static final double RARE_BIAS = -Math.log((1 - 0.01) / 0.01);

  private static final int MAX_DEPTH = 8;
  private static final Initializer SMALL = new Initializer.Normal(0.01);

  private DenseHeads() {}

  /** What their kernel files share. */
  static KernelSource kernel() {
    return KernelSource.of(DenseHeads.class, "dense.py");
  }

  /** The focal loss, of heads that have one score a class. */
  static KernelSource focalLoss() {
    return KernelSource.of(DenseHeads.class, "focal.py");
  }

  /**
   * Checks the number of convolutions of a tower.
   *
   * @throws IllegalArgumentException if it is out of bounds
   */
  static void requireTower(String head, int depth) {
    Limits.require(
        depth >= 0 && depth <= MAX_DEPTH,
        "head %s cannot have %s convolutions before its results, only 0 to %s",
        head,
        depth,
        MAX_DEPTH);
  }

  /**
   * The channels of all maps.
   *
   * @throws IllegalArgumentException if they differ
   */
  static int channels(String head, List<Level> levels) {
    int channels = levels.getFirst().channels();
    Limits.require(
        levels.stream().allMatch(level -> level.channels() == channels),
        "head %s is shared by all maps, which must be of one width; the neck gives %s",
        head,
        levels.stream().map(Level::channels).toList());
    return channels;
  }

  /** What decides what a cell sees: a tower and the results. */
  static List<Layer> layers(int depth) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      layers.add(Layer.same("head.tower" + i, 3, 1, 1));
    }
    layers.add(Layer.same("head.output", 3, 1, 1));
    return layers;
  }

  /** The convolutions before the results. */
  static List<KernelTuple> tower(
      NetworkWeights weights, String name, int from, int width, int depth) {
    List<KernelTuple> convs = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      convs.add(weights.conv(name + i, Convolution.threeByThree(i == 0 ? from : width, width)));
    }
    return convs;
  }

  /** The convolution that gives results. */
  static KernelTuple output(NetworkWeights weights, String name, int from, int to, double bias) {
    return weights.biased(name, Convolution.threeByThree(from, to), SMALL, bias);
  }
}
