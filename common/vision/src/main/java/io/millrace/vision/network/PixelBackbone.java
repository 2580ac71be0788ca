package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/** No network at all: the picture is its one map, of stride 1 and values in [-1, 1]. */
public record PixelBackbone() implements Backbone {

  private static final int CHANNELS = 3;

  @Override
  public List<Level> levels() {
    return List.of(new Level(CHANNELS, 1));
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(PixelBackbone.class, "pixels.py"));
  }

  @Override
  public List<List<Layer>> layers(int branch) {
    return List.of(List.of());
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    return new KernelTuple("Backbone").number("channels", CHANNELS);
  }
}
