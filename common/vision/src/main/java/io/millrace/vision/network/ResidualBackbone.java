package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A small residual network (He et al. 2015, arXiv 1512.03385) of two 3 x 3 convolutions a block.
 *
 * @param widths channels at strides 2, 4, 8, ...
 * @param blocks residual blocks at strides 4, 8, ...
 */
public record ResidualBackbone(List<Integer> widths, List<Integer> blocks)
    implements StagedBackbone {

  private static final int MAX_BLOCKS = 64;

  public ResidualBackbone {
    widths = List.copyOf(widths);
    blocks = List.copyOf(blocks);
    Limits.require(
        blocks.size() >= 2 && blocks.size() <= 6, "%s stages are not 2 to 6", blocks.size());
    Limits.require(
        widths.size() == blocks.size() + 1,
        "%s stage widths do not fit %s stages; one is for stride 2",
        widths.size(),
        blocks.size());
    for (int count : blocks) {
      Limits.require(count >= 0 && count <= MAX_BLOCKS, "a stage cannot have %s blocks", count);
    }
  }

  @Override
  public List<Level> levels() {
    return IntStream.range(0, blocks.size())
        .mapToObj(stage -> new Level(widths.get(stage + 1), 4 << stage))
        .toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(ResidualBackbone.class, "residual.py"));
  }

  @Override
  public List<Integer> keepingBlocks() {
    return blocks;
  }

  @Override
  public List<List<Layer>> layers(int dilatedStage, int dilation) {
    List<List<Layer>> all = new ArrayList<>();
    for (int stage = 1; stage <= blocks.size(); stage++) {
      List<Layer> layers = new ArrayList<>();
      if (stage == 1) {
        layers.add(Layer.same("stem", 3, 2, 1));
      }
      layers.add(Layer.same("stage" + stage + ".down", 3, 2, 1));
      int taps = stage == dilatedStage ? dilation : 1;
      for (int block = 0; block < blocks.get(stage - 1); block++) {
        String name = "stage" + stage + ".block" + block;
        layers.add(Layer.same(name + ".first", 3, 1, taps));
        layers.add(Layer.same(name + ".second", 3, 1, taps));
      }
      all.add(layers);
    }
    return all;
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, StageBranches branches) {
    KernelTuple stem =
        weights.conv("stem", Convolution.threeByThree(3, widths.getFirst()).halving());
    List<KernelTuple> stages = new ArrayList<>();
    for (int stage = 1; stage <= blocks.size(); stage++) {
      stages.add(stage(weights, stage, branches));
    }
    return new KernelTuple("Backbone").part("stem", stem).parts("stages", stages);
  }

  private KernelTuple stage(NetworkWeights weights, int stage, StageBranches branches) {
    String name = "stage" + stage;
    int to = widths.get(stage);
    Convolution same = Convolution.threeByThree(to, to);
    Convolution down = Convolution.threeByThree(widths.get(stage - 1), to).halving();
    KernelTuple tuple = new KernelTuple("Stage").part("down", weights.conv(name + ".down", down));
    branches.put(
        tuple,
        stage,
        name,
        ".block",
        0,
        blocks.get(stage - 1),
        (own, block) ->
            new KernelTuple("Residual")
                .part("first", weights.conv(own + ".first", same))
                .part("second", weights.conv(own + ".second", same)));
    return tuple;
  }
}
