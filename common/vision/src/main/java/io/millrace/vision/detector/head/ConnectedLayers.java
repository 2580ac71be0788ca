package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/**
 * Two fully connected layers (FPN, Lin et al. 2017, arXiv 1612.03144, section 4.2).
 *
 * @param width of both
 */
public record ConnectedLayers(int width) implements RegionNetwork {

  private static final int MAX_WIDTH = 1 << 14;

  public ConnectedLayers {
    Limits.require(width >= 1 && width <= MAX_WIDTH, "a layer cannot be %s wide", width);
  }

  @Override
  public int values() {
    return width;
  }

  @Override
  public void put(KernelTuple stage, NetworkWeights weights, String name, int channels, int bins) {
    stage
        .parts(
            "layers",
            List.of(
                weights.linear(name + "first", channels * bins * bins, width),
                weights.linear(name + "second", width, width)))
        .parts("blocks", List.of())
        .number("dilation", 1);
  }
}
