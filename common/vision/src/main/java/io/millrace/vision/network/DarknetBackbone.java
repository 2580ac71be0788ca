package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The convolutions of YOLO (Redmon et al. 2016, arXiv 1506.02640, figure 3), or the nine of Fast
 * YOLO as Darknet's first {@code yolo-tiny.cfg} has them. Its maps have strides 4 to 64.
 *
 * @param depth convolutions with all stages: 24, or 9 of fewer channels
 * @param stages that are kept, of 5; the last one's stride is 64 with all of them
 * @param thinning what the published numbers of channels are divided by; 1 as published
 */
public record DarknetBackbone(int depth, int stages, int thinning) implements Backbone {

  private static final int STAGES = 5;
  private static final int MAX_THINNING = 16;

  private static final List<Step> STEM_OF_24 = List.of(new Step(7, 64, Shrinking.STRIDE));

  private static final List<List<Step>> STAGES_OF_24 =
      List.of(
          List.of(pooled(3, 192)),
          List.of(pooled(1, 128), kept(3, 256), kept(1, 256), kept(3, 512)),
          List.of(
              pooled(1, 256),
              kept(3, 512),
              kept(1, 256),
              kept(3, 512),
              kept(1, 256),
              kept(3, 512),
              kept(1, 256),
              kept(3, 512),
              kept(1, 512),
              kept(3, 1024)),
          List.of(pooled(1, 512), kept(3, 1024), kept(1, 512), kept(3, 1024), kept(3, 1024)),
          List.of(new Step(3, 1024, Shrinking.STRIDE), kept(3, 1024), kept(3, 1024)));

  private static final List<Step> STEM_OF_9 = List.of(kept(3, 16), pooled(3, 32));

  private static final List<List<Step>> STAGES_OF_9 =
      List.of(
          List.of(pooled(3, 64)),
          List.of(pooled(3, 128)),
          List.of(pooled(3, 256)),
          List.of(pooled(3, 512)),
          List.of(pooled(3, 1024), kept(3, 1024), kept(3, 1024)));

  /** How a convolution comes by half the rows and columns. */
  private enum Shrinking {
    NONE,
    POOLING,
    STRIDE
  }

  /** A convolution of so many channels as published. */
  private record Step(int side, int channels, Shrinking shrinking) {
    boolean pools() {
      return shrinking == Shrinking.POOLING;
    }
  }

  private static Step kept(int side, int channels) {
    return new Step(side, channels, Shrinking.NONE);
  }

  private static Step pooled(int side, int channels) {
    return new Step(side, channels, Shrinking.POOLING);
  }

  public DarknetBackbone {
    Limits.require(
        depth == 24 || depth == 9, "there is no darknet of depth %s: use 24 or 9", depth);
    Limits.require(stages >= 1 && stages <= STAGES, "%s stages are not 1 to %s", stages, STAGES);
    Limits.require(
        thinning >= 1 && thinning <= MAX_THINNING && Integer.bitCount(thinning) == 1,
        "channels are divided by 1, 2, 4, 8 or %s, not by %s",
        MAX_THINNING,
        thinning);
  }

  private List<Step> stem() {
    return depth == 24 ? STEM_OF_24 : STEM_OF_9;
  }

  private List<List<Step>> kept() {
    return (depth == 24 ? STAGES_OF_24 : STAGES_OF_9).subList(0, stages);
  }

  private int width(Step step) {
    return step.channels() / thinning;
  }

  @Override
  public List<Level> levels() {
    return IntStream.range(0, stages)
        .mapToObj(stage -> new Level(width(kept().get(stage).getLast()), 4 << stage))
        .toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(DarknetBackbone.class, "darknet.py"));
  }

  @Override
  public List<List<Layer>> layers(int branch) {
    List<List<Layer>> all = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    int number = layers(layers, stem(), 1);
    for (List<Step> stage : kept()) {
      number = layers(layers, stage, number);
      all.add(List.copyOf(layers));
      layers.clear();
    }
    return all;
  }

  /** Adds the layers of steps; the number of the convolution after them. */
  private static int layers(List<Layer> layers, List<Step> steps, int first) {
    int number = first;
    for (Step step : steps) {
      if (step.pools()) {
        layers.add(Layer.of("pool" + (number - 1), 2, 2, 0));
      }
      layers.add(Layer.same("conv" + number, step.side(), stride(step), 1));
      number++;
    }
    return number;
  }

  private static int stride(Step step) {
    return step.shrinking() == Shrinking.STRIDE ? 2 : 1;
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    Maker maker = new Maker(weights);
    // Behind the stem, no map is kept between a convolution and the pooling of its results.
    List<KernelTuple> stem = maker.steps(stem(), kept().getFirst().getFirst().pools());
    List<KernelTuple> all = new ArrayList<>();
    for (List<Step> stage : kept()) {
      all.add(new KernelTuple("Stage").parts("steps", maker.steps(stage, /* pooled= */ false)));
    }
    return new KernelTuple("Backbone").parts("stem", stem).parts("stages", all);
  }

  /** Describes one convolution after the other. */
  private final class Maker {
    private final NetworkWeights weights;
    private int from = 3;
    private int number = 1;

    /** Whether the last results are pooled already. */
    private boolean halved;

    Maker(NetworkWeights weights) {
      this.weights = weights;
    }

    /**
     * Pooling goes before the activation where that gives the same: there are four times as many
     * values before it.
     *
     * @param pooled whether all that is done with the last one's results is to pool them
     */
    List<KernelTuple> steps(List<Step> steps, boolean pooled) {
      List<KernelTuple> tuples = new ArrayList<>();
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        Convolution shape = new Convolution(from, width(step), step.side(), stride(step), 1);
        String name = "backbone.conv" + number;
        boolean pools = step.pools() && !halved;
        boolean next = i + 1 < steps.size() ? steps.get(i + 1).pools() : pooled;
        halved = next && weights.style().activation().keepsOrder();
        tuples.add(
            new KernelTuple("Step")
                .flag("pooled", pools)
                .part("conv", weights.conv(name, name + ".norm", shape))
                .flag("halved", halved));
        from = width(step);
        number++;
      }
      return tuples;
    }
  }
}
