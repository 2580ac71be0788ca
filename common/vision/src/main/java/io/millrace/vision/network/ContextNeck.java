package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;

/**
 * One map of the backbone, each cell with its surroundings at several distances: dilated 3 x 3
 * convolutions side by side (atrous pyramid, Chen et al. 2017, arXiv 1706.05587), then fused.
 *
 * @param stride of the map that is taken and given
 * @param width channels of each of the convolutions, and of the result
 * @param dilations pixels between the taps, one number a convolution
 */
public record ContextNeck(int stride, int width, List<Integer> dilations) implements Neck {

  private static final int MAX_DILATION = 64;

  public ContextNeck {
    dilations = List.copyOf(dilations);
    Limits.require(!dilations.isEmpty(), "neck dilated_context has no dilations");
    Limits.require(
        new HashSet<>(dilations).size() == dilations.size(),
        "neck dilated_context has a dilation twice: %s",
        dilations);
    for (int dilation : dilations) {
      Limits.require(
          dilation >= 1 && dilation <= MAX_DILATION,
          "a dilation of %s is not 1 to %s",
          dilation,
          MAX_DILATION);
    }
  }

  @Override
  public List<Level> levels(List<Level> backbone) {
    Level unused = taken(backbone);
    Neck.requireCoarsest("dilated_context", stride, backbone);
    return List.of(new Level(width, stride));
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(ContextNeck.class, "dilated_context.py"));
  }

  @Override
  public List<Way> ways(List<Level> backbone) {
    return List.of(
        new Way(
            backbone.indexOf(taken(backbone)),
            List.of(
                Layer.same("neck.reduce", 1, 1, 1),
                Layer.same("neck.dilated", 3, 1, Collections.max(dilations)),
                Layer.same("neck.fuse", 1, 1, 1))));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, List<Level> backbone) {
    Level taken = taken(backbone);
    KernelTuple reduce =
        weights.conv("neck.reduce", Convolution.pointwise(taken.channels(), width));
    List<KernelTuple> ways = new ArrayList<>();
    for (int dilation : dilations) {
      ways.add(
          weights.conv("neck.dilated" + dilation, new Convolution(width, width, 3, 1, dilation)));
    }
    Convolution fuse = Convolution.pointwise(width * ways.size(), width);
    return new KernelTuple("Neck")
        .number("place", backbone.indexOf(taken))
        .part("reduce", reduce)
        .parts("ways", ways)
        .part("fuse", weights.conv("neck.fuse", fuse));
  }

  private Level taken(List<Level> backbone) {
    return backbone.stream()
        .filter(level -> level.stride() == stride)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "neck dilated_context takes a map of stride %d, the backbone has those of %s"
                    .formatted(stride, backbone.stream().map(Level::stride).toList())));
  }
}
