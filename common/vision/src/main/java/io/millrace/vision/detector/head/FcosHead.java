package io.millrace.vision.detector.head;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.match.MatchKernels;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.List;

/**
 * Every cell within an object tells how far its sides are (FCOS, Tian et al. 2019, arXiv
 * 1904.01355). Objects are spread over the maps by the largest of these distances; where a cell
 * could learn several, it learns the smallest.
 *
 * @param width channels of both towers
 * @param depth convolutions of each tower, shared by all maps
 * @param limits largest distance in pixels that each map but the last learns, rising; published are
 *     64, 128, 256 and 512 for strides 8 to 128
 * @param radius cells whose middle is nearer than so many strides to an object's centre learn it,
 *     1.5 in the later version; 0: all whose middle is within the object
 * @param boxLoss of boxes
 */
public record FcosHead(int width, int depth, List<Double> limits, double radius, BoxLoss boxLoss)
    implements Head {

  /** What is taken from 1. */
  public enum BoxLoss {
    /** Intersection over union, which teaches nothing where boxes are apart. */
    @JsonProperty("iou")
    IOU,
    /** Generalised, which does. */
    @JsonProperty("giou")
    GIOU
  }

  public FcosHead {
    limits = List.copyOf(limits);
    DenseHeads.requireTower("fcos", depth);
    Limits.require(
        radius >= 0 && Double.isFinite(radius), "head fcos cannot have a radius of %s", radius);
    double last = 0;
    for (double limit : limits) {
      Limits.require(limit > last && limit < 1e9, "limits %s of head fcos do not rise", limits);
      last = limit;
    }
  }

  @Override
  public List<String> losses() {
    return List.of("class_loss", "box_loss", "centre_loss");
  }

  @Override
  public List<Layer> layers() {
    return DenseHeads.layers(depth);
  }

  /** An object's middle is at most half its side from its sides, its corners all of it. */
  @Override
  public List<SizeRange> sizes() {
    List<SizeRange> sizes = new ArrayList<>();
    double least = 0;
    for (double limit : limits) {
      sizes.add(new SizeRange(least, 2 * limit));
      least = limit;
    }
    sizes.add(new SizeRange(least, Double.POSITIVE_INFINITY));
    return sizes;
  }

  @Override
  public Suppression suppression() {
    return new Suppression.Greedy(Overlap.UNION, 0.6, /* agnostic= */ false);
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(
        MatchKernels.boxes(),
        MatchKernels.anchors(),
        DenseHeads.kernel(),
        DenseHeads.focalLoss(),
        KernelSource.of(FcosHead.class, "fcos.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    List<Level> levels = input.levels();
    Limits.require(
        limits.size() == levels.size() - 1,
        "head fcos has %s limits for %s maps: all maps but the last need one",
        limits.size(),
        levels.size());
    int from = DenseHeads.channels("fcos", levels);
    int last = depth == 0 ? from : width;
    return new KernelTuple("Head")
        .parts("class_tower", DenseHeads.tower(weights, "head.class_tower", from, width, depth))
        .parts("box_tower", DenseHeads.tower(weights, "head.box_tower", from, width, depth))
        .part(
            "classes",
            DenseHeads.output(weights, "head.classes", last, input.classes(), DenseHeads.RARE_BIAS))
        .part("distances", DenseHeads.output(weights, "head.distances", last, 4, 0))
        .part("centre", DenseHeads.output(weights, "head.centre", last, 1, 0))
        .tensor("scale_L", weights.vector("head.scale", new Initializer.Ones(), levels.size()))
        .numbers("strides", levels.stream().map(Level::stride).toList())
        .reals("limits", limits.stream().mapToDouble(Double::doubleValue).toArray())
        .number("class_count", input.classes())
        .real("radius", radius)
        .flag("generalised", boxLoss == BoxLoss.GIOU);
  }
}
