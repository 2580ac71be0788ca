package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A stage of a residual network by its published shape (He et al. 2015, arXiv 1512.03385, table 1):
 * conv2_x is stage 1, conv5_x stage 4.
 *
 * @param depth of the network; 18 and 34 are of basic blocks, 50, 101 and 152 of bottlenecks
 * @param strideIn1x1 whether a bottleneck that halves the size does so in its first 1 x 1
 *     convolution, as published, rather than in the 3 x 3 one, as torchvision does
 * @param number 1 to 4
 * @param stride of its first block; as published 1 of the first stage, else 2
 */
public record ResNetStage(int depth, boolean strideIn1x1, int number, int stride) {

  /** Stages of a network. */
  public static final int STAGES = 4;

  private static final int STEM = 64;

  /** Channels of a stage's results to those inside of a bottleneck. */
  private static final int EXPANSION = 4;

  public ResNetStage {
    Limits.require(
        number >= 1 && number <= counts(depth).size(), "there is no stage %s of a resnet", number);
    Limits.require(stride == 1 || stride == 2, "a stage cannot have the stride %s", stride);
    Limits.require(
        !strideIn1x1 || depth >= 50, "a basic block of resnet %s has no 1 x 1 convolution", depth);
  }

  /** With its published stride. */
  static ResNetStage published(int depth, boolean strideIn1x1, int number) {
    return new ResNetStage(depth, strideIn1x1, number, number == 1 ? 1 : 2);
  }

  /** Blocks of each stage. */
  private static List<Integer> counts(int depth) {
    return switch (depth) {
      case 18 -> List.of(2, 2, 2, 2);
      case 34, 50 -> List.of(3, 4, 6, 3);
      case 101 -> List.of(3, 4, 23, 3);
      case 152 -> List.of(3, 8, 36, 3);
      default ->
          throw new IllegalArgumentException(
              "there is no resnet of depth " + depth + ": use 18, 34, 50, 101 or 152");
    };
  }

  /** {@code residual_block} and what it is of. */
  public static KernelSource kernel() {
    return KernelSource.of(ResNetStage.class, "resnet_block.py");
  }

  private boolean bottleneck() {
    return depth >= 50;
  }

  private int inside() {
    return STEM << (number - 1);
  }

  /** Channels of what it works on. */
  public int from() {
    return number == 1 ? STEM : new ResNetStage(depth, strideIn1x1, number - 1, stride).width();
  }

  /** Channels of what it gives. */
  public int width() {
    return inside() * (bottleneck() ? EXPANSION : 1);
  }

  /** Its blocks. */
  public int count() {
    return counts(depth).get(number - 1);
  }

  /** The convolutions of one of its blocks, of a dilation of 1. */
  private List<Convolution> shapes(int block) {
    int from = block == 0 ? from() : width();
    int own = block == 0 ? stride : 1;
    int inside = inside();
    if (!bottleneck()) {
      return List.of(
          new Convolution(from, inside, 3, own, 1), Convolution.threeByThree(inside, inside));
    }
    return List.of(
        new Convolution(from, inside, 1, strideIn1x1 ? own : 1, 1),
        new Convolution(inside, inside, 3, strideIn1x1 ? 1 : own, 1),
        Convolution.pointwise(inside, width()));
  }

  /**
   * The layers of a block on the longest way.
   *
   * @param dilation of its 3 x 3 convolutions
   */
  List<Layer> layers(String name, int block, int dilation) {
    List<Layer> layers = new ArrayList<>();
    for (Convolution shape : shapes(block)) {
      String conv = name + ".conv" + (layers.size() + 1);
      int taps = shape.side() > 1 ? dilation : 1;
      layers.add(Layer.same(conv, shape.side(), shape.stride(), taps));
    }
    return layers;
  }

  /**
   * Describes a block; torchvision calls its tensors the same.
   *
   * @return a Block of {@code resnet_block.py}
   */
  public KernelTuple block(NetworkWeights weights, String name, int block) {
    List<KernelTuple> convs = new ArrayList<>();
    List<Convolution> shapes = shapes(block);
    for (int i = 1; i <= shapes.size(); i++) {
      convs.add(weights.conv(name + ".conv" + i, name + ".bn" + i, shapes.get(i - 1)));
    }
    KernelTuple tuple = new KernelTuple("Block").parts("convs", convs);
    if (block == 0 && (stride > 1 || from() != width())) {
      Convolution across = new Convolution(from(), width(), 1, stride, 1);
      String own = name + ".downsample";
      tuple.part("shortcut", weights.normalised(own + ".0", own + ".1", across));
    }
    return tuple;
  }
}
