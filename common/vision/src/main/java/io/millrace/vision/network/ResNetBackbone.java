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

  public ResNetBackbone {
    ResNetStage unused = ResNetStage.published(depth, strideIn1x1, 1);
    Limits.require(
        stages >= 1 && stages <= ResNetStage.STAGES,
        "%s stages are not 1 to %s",
        stages,
        ResNetStage.STAGES);
  }

  private ResNetStage stage(int number) {
    return ResNetStage.published(depth, strideIn1x1, number);
  }

  @Override
  public List<Level> levels() {
    return IntStream.rangeClosed(1, stages)
        .mapToObj(stage -> new Level(stage(stage).width(), 2 << stage))
        .toList();
  }

  /** Those behind the first of a stage, which changes size or width. */
  @Override
  public List<Integer> keepingBlocks() {
    return IntStream.rangeClosed(1, stages).mapToObj(stage -> stage(stage).count() - 1).toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(ResNetStage.kernel(), KernelSource.of(ResNetBackbone.class, "resnet.py"));
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
        IntStream.rangeClosed(stages + 1, ResNetStage.STAGES)
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
      for (int block = 0; block < stage(stage).count(); block++) {
        int taps = stage == dilatedStage && block > 0 ? dilation : 1;
        layers.addAll(stage(stage).layers("layer" + stage + "." + block, block, taps));
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

  private KernelTuple stage(NetworkWeights weights, int number, StageBranches branches) {
    String name = "backbone.layer" + number;
    ResNetStage stage = stage(number);
    KernelTuple tuple =
        new KernelTuple("Stage").part("entry", stage.block(weights, name + ".0", 0));
    branches.put(
        tuple,
        number,
        name,
        ".",
        1,
        stage.count(),
        (own, block) -> stage.block(weights, own, block));
    return tuple;
  }
}
