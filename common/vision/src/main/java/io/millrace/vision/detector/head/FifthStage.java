package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.ResNetStage;
import java.util.ArrayList;
import java.util.List;

/**
 * The last stage of a ResNet, conv5_x, whose cells are averaged (He et al. 2015, arXiv 1512.03385,
 * section 4.3; "C5"): for the map of its fourth, conv4_x. Its tensors are those of torchvision by
 * name, behind {@code head.boxes.}, and by shape.
 *
 * @param depth of the ResNet
 * @param strideIn1x1 see {@link ResNetStage}
 * @param stride of its first block; 2 as first published, on 14 x 14 bins; 1 of TridentNet, on 7 x
 *     7
 * @param dilation of its 3 x 3 convolutions; 1 as first published; 2 of TridentNet
 */
public record FifthStage(int depth, boolean strideIn1x1, int stride, int dilation)
    implements RegionNetwork {

  private static final int MAX_DILATION = 16;

  /** What torchvision calls it. */
  static final String NAME = "layer4";

  public FifthStage {
    ResNetStage unused = new ResNetStage(depth, strideIn1x1, ResNetStage.STAGES, stride);
    Limits.require(
        dilation >= 1 && dilation <= MAX_DILATION,
        "a dilation of %s is not 1 to %s",
        dilation,
        MAX_DILATION);
  }

  private ResNetStage stage() {
    return new ResNetStage(depth, strideIn1x1, ResNetStage.STAGES, stride);
  }

  @Override
  public int values() {
    return stage().width();
  }

  @Override
  public void put(KernelTuple stage, NetworkWeights weights, String name, int channels, int bins) {
    Limits.require(
        channels == stage().from(),
        "the fifth stage of resnet %s works on %s channels, those of its fourth; the map has %s",
        depth,
        stage().from(),
        channels);
    List<KernelTuple> blocks = new ArrayList<>();
    for (int block = 0; block < stage().count(); block++) {
      blocks.add(stage().block(weights, name + NAME + "." + block, block));
    }
    stage.parts("layers", List.of()).parts("blocks", blocks).number("dilation", dilation);
  }
}
