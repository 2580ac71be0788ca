package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A residual network by its published shape (He et al. 2015, arXiv 1512.03385, table 1), whose
 * tensors are those of torchvision and timm by name, behind {@code backbone.}, and by shape.
 * Pictures are normalised by ImageNet's means and deviations.
 *
 * @param depth 18 and 34 are of basic blocks, 50, 101 and 152 of bottlenecks
 * @param strideIn1x1 whether a bottleneck that halves the size does so in its first 1 x 1
 *     convolution, as published, rather than in the 3 x 3 one, as torchvision does
 * @param stages that are kept, of 4; the last one's stride is 32 with all of them
 */
public record ResNetBackbone(int depth, boolean strideIn1x1, int stages) implements StagedBackbone {

  private static final String PREFIX = "backbone.";
  private static final int STEM = 64;

  /** Channels of a stage's results to those inside of a bottleneck. */
  private static final int EXPANSION = 4;

  public ResNetBackbone {
    List<Integer> counts = counts(depth);
    Limits.require(
        stages >= 1 && stages <= counts.size(), "%s stages are not 1 to %s", stages, counts.size());
    Limits.require(
        !strideIn1x1 || depth >= 50, "a basic block of resnet %s has no 1 x 1 convolution", depth);
  }

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

  private boolean bottleneck() {
    return depth >= 50;
  }

  private int inside(int stage) {
    return STEM << (stage - 1);
  }

  private int width(int stage) {
    return stage == 0 ? STEM : inside(stage) * (bottleneck() ? EXPANSION : 1);
  }

  @Override
  public List<Level> levels() {
    return IntStream.rangeClosed(1, stages)
        .mapToObj(stage -> new Level(width(stage), 2 << stage))
        .toList();
  }

  /** Those behind the first of a stage, which changes size or width. */
  @Override
  public List<Integer> keepingBlocks() {
    return counts(depth).subList(0, stages).stream().map(count -> count - 1).toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(ResNetBackbone.class, "resnet.py"));
  }

  @Override
  public String published(String tensor) {
    return tensor.startsWith(PREFIX) && !tensor.endsWith(".slope")
        ? tensor.substring(PREFIX.length())
        : "";
  }

  /** The classifier, and stages that are not kept. */
  @Override
  public boolean leavesOut(String published) {
    boolean later =
        IntStream.rangeClosed(stages + 1, counts(depth).size())
            .anyMatch(stage -> published.startsWith("layer" + stage + "."));
    return later || published.startsWith("fc.") || StagedBackbone.super.leavesOut(published);
  }

  @Override
  public List<List<Layer>> layers(int dilatedStage, int dilation) {
    List<List<Layer>> all = new ArrayList<>();
    for (int stage = 1; stage <= stages; stage++) {
      List<Layer> layers = new ArrayList<>();
      if (stage == 1) {
        layers.add(Layer.same("conv1", 7, 2, 1));
        layers.add(Layer.of("maxpool", 3, 2, 1));
      }
      for (int block = 0; block < counts(depth).get(stage - 1); block++) {
        int taps = stage == dilatedStage && block > 0 ? dilation : 1;
        String name = "layer" + stage + "." + block + ".conv";
        List<Convolution> shapes = shapes(stage, width(stage), block == 0 && stage > 1);
        for (int i = 1; i <= shapes.size(); i++) {
          Convolution shape = shapes.get(i - 1);
          layers.add(
              Layer.same(name + i, shape.side(), shape.stride(), shape.side() > 1 ? taps : 1));
        }
      }
      all.add(layers);
    }
    return all;
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, StageBranches branches) {
    KernelTuple stem =
        weights.conv("backbone.conv1", "backbone.bn1", new Convolution(3, STEM, 7, 2, 1));
    List<KernelTuple> all = new ArrayList<>();
    for (int stage = 1; stage <= stages; stage++) {
      all.add(stage(weights, stage, branches));
    }
    return new KernelTuple("Backbone").part("stem", stem).parts("stages", all);
  }

  private KernelTuple stage(NetworkWeights weights, int stage, StageBranches branches) {
    String name = "backbone.layer" + stage;
    KernelTuple entry = block(weights, name + ".0", stage, /* first= */ true);
    KernelTuple tuple = new KernelTuple("Stage").part("entry", entry);
    branches.put(
        tuple,
        stage,
        name,
        ".",
        1,
        counts(depth).get(stage - 1),
        (own, unused) -> block(weights, own, stage, /* first= */ false));
    return tuple;
  }

  private KernelTuple block(NetworkWeights weights, String name, int stage, boolean first) {
    int from = first ? width(stage - 1) : width(stage);
    boolean halving = first && stage > 1;
    List<KernelTuple> convs = new ArrayList<>();
    List<Convolution> shapes = shapes(stage, from, halving);
    for (int i = 1; i <= shapes.size(); i++) {
      convs.add(weights.conv(name + ".conv" + i, name + ".bn" + i, shapes.get(i - 1)));
    }
    KernelTuple block = new KernelTuple("Block").parts("convs", convs);
    if (halving || from != width(stage)) {
      Convolution across = new Convolution(from, width(stage), 1, halving ? 2 : 1, 1);
      String own = name + ".downsample";
      block.part("shortcut", weights.normalised(own + ".0", own + ".1", across));
    }
    return block;
  }

  private List<Convolution> shapes(int stage, int from, boolean halving) {
    int inside = inside(stage);
    int stride = halving ? 2 : 1;
    if (!bottleneck()) {
      return List.of(
          new Convolution(from, inside, 3, stride, 1), Convolution.threeByThree(inside, inside));
    }
    return List.of(
        new Convolution(from, inside, 1, strideIn1x1 ? stride : 1, 1),
        new Convolution(inside, inside, 3, strideIn1x1 ? 1 : stride, 1),
        Convolution.pointwise(inside, width(stage)));
  }
}
