package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * VGG-16 (Simonyan and Zisserman 2014, arXiv 1409.1556, column D) as S3FD takes it (Zhang et al.
 * 2017, arXiv 1708.05237, section 3.1): its maps are those of conv3_3, conv4_3, conv5_3, of the
 * first two fully connected layers as convolutions, of conv6_2 and of conv7_2. The tensors up to
 * conv5_3 are those of torchvision and timm by name, behind {@code backbone.}, and by shape.
 * Pictures are normalised by ImageNet's means and deviations.
 *
 * @param maps how many of them there are, the finest first, 1 to 6
 * @param l2Norm whether the cells of the first three maps are scaled to a length that is learned,
 *     which begins at 10, 8 and 5
 */
public record VggBackbone(int maps, boolean l2Norm) implements Backbone {

  private static final List<List<Integer>> WIDTHS =
      List.of(
          List.of(64, 64),
          List.of(128, 128),
          List.of(256, 256, 256),
          List.of(512, 512, 512),
          List.of(512, 512, 512));

  /** Convolutions of fc6, fc7; conv6_1, conv6_2; conv7_1, conv7_2. */
  private static final List<List<Convolution>> EXTRAS =
      List.of(
          List.of(Convolution.threeByThree(512, 1024), Convolution.pointwise(1024, 1024)),
          List.of(Convolution.pointwise(1024, 256), Convolution.threeByThree(256, 512).halving()),
          List.of(Convolution.pointwise(512, 128), Convolution.threeByThree(128, 256).halving()));

  private static final List<List<String>> EXTRA_NAMES =
      List.of(List.of("fc6", "fc7"), List.of("conv6_1", "conv6_2"), List.of("conv7_1", "conv7_2"));

  private static final List<Double> LENGTHS = List.of(10.0, 8.0, 5.0);

  public VggBackbone {
    Limits.require(maps >= 1 && maps <= 6, "%s maps of vgg16 are not 1 to 6", maps);
  }

  @Override
  public List<Level> levels() {
    List<Level> levels = new ArrayList<>();
    for (int map = 0; map < maps; map++) {
      int width = map < 3 ? WIDTHS.get(map + 2).getLast() : EXTRAS.get(map - 3).getLast().to();
      levels.add(new Level(width, 4 << map));
    }
    return levels;
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(VggBackbone.class, "vgg.py"));
  }

  /** Those up to conv5_3. */
  @Override
  public String published(String tensor) {
    return tensor.startsWith("backbone.features.") && !tensor.endsWith(".slope")
        ? tensor.substring("backbone.".length())
        : "";
  }

  /** The fully connected layers, and blocks that are not kept. */
  @Override
  public boolean leavesOut(String published) {
    return published.startsWith("classifier.")
        || published.startsWith("pre_logits.")
        || published.startsWith("head.")
        || maps < 3 && published.startsWith("features.")
        || Backbone.super.leavesOut(published);
  }

  @Override
  public List<List<Layer>> layers(int branch) {
    List<List<Layer>> all = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    for (int block = 1; block <= Math.min(maps + 2, WIDTHS.size()); block++) {
      if (block > 1) {
        layers.add(Layer.of("pool" + (block - 1), 2, 2, 0));
      }
      for (int i = 1; i <= WIDTHS.get(block - 1).size(); i++) {
        layers.add(Layer.same("conv" + block + "_" + i, 3, 1, 1));
      }
      if (block > 2) {
        all.add(List.copyOf(layers));
        layers.clear();
      }
    }
    for (int extra = 0; extra < maps - 3; extra++) {
      if (extra == 0) {
        layers.add(Layer.of("pool5", 2, 2, 0));
      }
      for (int i = 0; i < 2; i++) {
        Convolution shape = EXTRAS.get(extra).get(i);
        layers.add(Layer.same(EXTRA_NAMES.get(extra).get(i), shape.side(), shape.stride(), 1));
      }
      all.add(List.copyOf(layers));
      layers.clear();
    }
    return all;
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    List<KernelTuple> stages = new ArrayList<>();
    int blocks = Math.min(maps + 2, WIDTHS.size());
    int from = 3;
    int place = 0;
    for (int block = 0; block < blocks; block++) {
      List<KernelTuple> convs = new ArrayList<>();
      for (int to : WIDTHS.get(block)) {
        // torchvision numbers convolutions, norms, activations and poolings alike.
        String norm = "backbone.features." + (place + 1);
        convs.add(
            weights.conv("backbone.features." + place, norm, Convolution.threeByThree(from, to)));
        place += weights.style().norm() == Norm.NONE ? 2 : 3;
        from = to;
      }
      place++;
      stages.add(stage(convs, /* pooled= */ block > 0));
    }
    for (int extra = 0; extra < maps - 3; extra++) {
      List<KernelTuple> convs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String name = "backbone." + EXTRA_NAMES.get(extra).get(i);
        convs.add(weights.conv(name, name + ".norm", EXTRAS.get(extra).get(i)));
      }
      stages.add(stage(convs, /* pooled= */ extra == 0));
    }
    return new KernelTuple("Backbone")
        .parts("stages", stages)
        .number("first", 2)
        .tensors("lengths", lengths(weights));
  }

  private static KernelTuple stage(List<KernelTuple> convs, boolean pooled) {
    return new KernelTuple("Stage").parts("convs", convs).flag("pooled", pooled);
  }

  private List<Integer> lengths(NetworkWeights weights) {
    List<Integer> lengths = new ArrayList<>();
    for (int map = 0; map < Math.min(maps, LENGTHS.size()) && l2Norm; map++) {
      String name = "backbone.l2_norm" + (map + 3);
      Initializer first = new Initializer.Constant(LENGTHS.get(map));
      lengths.add(weights.vector(name, first, levels().get(map).channels()));
    }
    return lengths;
  }
}
