package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * All maps of the backbone added up from coarse to fine into one at the finest stride.
 *
 * @param width channels
 */
public record TopDownNeck(int width) implements Neck {

  @Override
  public List<Level> levels(List<Level> backbone) {
    return List.of(new Level(width, backbone.getFirst().stride()));
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(TopDownNeck.class, "top_down.py"));
  }

  @Override
  public List<Way> ways(List<Level> backbone) {
    int times = backbone.getLast().stride() / backbone.getFirst().stride();
    return List.of(
        new Way(
            backbone.size() - 1,
            List.of(
                Layer.same("neck.lateral" + backbone.size(), 1, 1, 1),
                Layer.upsampling("neck.up", times),
                Layer.same("neck.smooth", 3, 1, 1))));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, List<Level> backbone) {
    List<KernelTuple> laterals = new ArrayList<>();
    for (Level level : backbone) {
      Initializer first = new Initializer.Normal(Math.sqrt(1.0 / level.channels()));
      laterals.add(
          weights.biased(
              "neck.lateral" + (laterals.size() + 1),
              Convolution.pointwise(level.channels(), width),
              first,
              0));
    }
    return new KernelTuple("Neck")
        .parts("laterals", laterals)
        .part("smooth", weights.conv("neck.smooth", Convolution.threeByThree(width, width)));
  }
}
