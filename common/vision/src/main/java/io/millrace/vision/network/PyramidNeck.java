package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A feature pyramid (Lin et al. 2017, arXiv 1612.03144): maps of one width, each of which knows
 * what the coarser ones know. Without norms and activations, as published.
 *
 * <p>Maps coarser than the backbone's have half the rows and columns of the one before, rounded up.
 *
 * @param width channels of all maps
 * @param strides of the maps, each twice the one before: P2 is 4, P7 is 128. The finest is one of
 *     the backbone, and so are all that follow up to the backbone's coarsest, which is among them
 * @param extra how maps coarser than the backbone's are made, if there are any
 */
public record PyramidNeck(int width, List<Integer> strides, Extra extra) implements Neck {

  /** How maps coarser than those of the backbone are made. */
  public enum Extra {
    /** By 3 x 3 convolutions of stride 2, as in RetinaNet's and FCOS's later form: from P5. */
    @JsonProperty("convolution")
    CONVOLUTION,
    /** Every other cell of the map before, as in Faster R-CNN with FPN. */
    @JsonProperty("pooling")
    POOLING
  }

  public PyramidNeck {
    strides = List.copyOf(strides);
    Limits.require(!strides.isEmpty(), "neck fpn gives no map: strides is empty");
    for (int i = 1; i < strides.size(); i++) {
      Limits.require(
          strides.get(i) == 2 * strides.get(i - 1),
          "strides %s of neck fpn are not each twice the one before",
          strides);
    }
  }

  @Override
  public List<Level> levels(List<Level> backbone) {
    List<Integer> known = backbone.stream().map(Level::stride).toList();
    int coarsest = known.getLast();
    Limits.require(
        strides.contains(coarsest),
        "neck fpn starts at the backbone's coarsest map, of stride %s: strides are %s",
        coarsest,
        strides);
    for (int stride : strides) {
      Limits.require(
          stride > coarsest || known.contains(stride),
          "neck fpn wants a map of stride %s, the backbone has those of %s",
          stride,
          known);
    }
    return strides.stream().map(stride -> new Level(width, stride)).toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(PyramidNeck.class, "fpn.py"));
  }

  @Override
  public List<Way> ways(List<Level> backbone) {
    int coarsest = backbone.getLast().stride();
    Layer lateral = Layer.same("neck.lateral", 1, 1, 1);
    Layer output = Layer.same("neck.output", 3, 1, 1);
    List<Way> ways = new ArrayList<>();
    List<Layer> further = new ArrayList<>(List.of(lateral, output));
    for (Level level : levels(backbone)) {
      if (level.stride() > coarsest) {
        further.add(
            extra == Extra.CONVOLUTION
                ? Layer.same("neck.extra", 3, 2, 1)
                : Layer.of("neck.pool", 1, 2, 0));
        ways.add(new Way(backbone.size() - 1, further));
      } else {
        Layer up = Layer.upsampling("neck.up", coarsest / level.stride());
        ways.add(new Way(backbone.size() - 1, List.of(lateral, up, output)));
      }
    }
    return ways;
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, List<Level> backbone) {
    List<Level> all = levels(backbone);
    weights.style().requireWidth(width);
    List<Level> used =
        backbone.stream().filter(level -> level.stride() >= strides.getFirst()).toList();
    List<KernelTuple> laterals = new ArrayList<>();
    List<KernelTuple> outputs = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      Convolution lateral = Convolution.pointwise(used.get(i).channels(), width);
      laterals.add(biased(weights, "lateral" + i, lateral));
      outputs.add(biased(weights, "output" + i, Convolution.threeByThree(width, width)));
    }
    int further = all.size() - used.size();
    List<KernelTuple> extras = new ArrayList<>();
    for (int i = 0; i < further && extra == Extra.CONVOLUTION; i++) {
      Convolution halving = Convolution.threeByThree(width, width).halving();
      extras.add(biased(weights, "extra" + i, halving));
    }
    return new KernelTuple("Neck")
        .number("first", backbone.size() - used.size())
        .parts("laterals", laterals)
        .parts("outputs", outputs)
        .parts("extras", extras)
        .number("pooled", extra == Extra.POOLING ? further : 0);
  }

  private static KernelTuple biased(NetworkWeights weights, String name, Convolution shape) {
    Initializer first = new Initializer.Normal(Math.sqrt(1.0 / shape.fanIn()));
    return weights.biased("neck." + name, shape, first, 0);
  }
}
