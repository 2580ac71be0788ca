package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/**
 * The second stage of {@link TwoStageHead}: the class of a proposal and a better box.
 *
 * @param network what a region's features pass before
 * @param features how a region is read from its map
 * @param maps how many of the finest maps regions are read from; P6 of a pyramid has proposals only
 * @param canonicalSize root of the area, in pixels, of regions that belong to stride 16; those of
 *     half of it belong to stride 8 (equation 1; 224 there)
 * @param positive IoU with an object from which a proposal is one; others are background
 * @param sampled proposals of a picture that are learned from; there may be fewer
 * @param positiveShare how many of them, at most, may be objects
 * @param fromObjects whether objects themselves are proposals in training
 * @param agnostic whether there is one box for all classes, instead of one of each
 */
public record BoxStage(
    RegionNetwork network,
    RoiAlign features,
    int maps,
    double canonicalSize,
    double positive,
    int sampled,
    double positiveShare,
    boolean fromObjects,
    boolean agnostic) {

  public BoxStage {
    Limits.require(maps >= 1, "regions are read from %s maps", maps);
    Limits.require(
        canonicalSize > 0 && Double.isFinite(canonicalSize),
        "regions of stride 16 cannot have a size of %s pixels",
        canonicalSize);
    Limits.require(
        positive > 0 && positive <= 1, "proposals cannot be objects from an IoU of %s", positive);
    Limits.requireSample("proposals", sampled, positiveShare);
  }

  /** The published numbers for a pyramid of P2 to P6. */
  public static BoxStage published(int width) {
    return new BoxStage(
        new ConnectedLayers(width),
        new RoiAlign(7, 2, /* aligned= */ true),
        4,
        224,
        0.5,
        512,
        0.25,
        /* fromObjects= */ true,
        /* agnostic= */ false);
  }

  /** A BoxStage of {@code two_stage.py}. */
  KernelTuple tuple(NetworkWeights weights, List<Level> levels, int classes) {
    Limits.require(
        maps <= levels.size(),
        "head two_stage reads regions from %s maps, the neck gives %s",
        maps,
        levels.size());
    List<Level> read = levels.subList(0, maps);
    String name = "head.boxes.";
    int boxes = agnostic ? 1 : classes;
    KernelTuple stage = new KernelTuple("BoxStage");
    network.put(stage, weights, name, levels.getFirst().channels(), features.bins());
    return stage
        .part("scores", output(weights, name + "scores", classes + 1, 0.01))
        .part("deltas", output(weights, name + "deltas", 4 * boxes, 0.001))
        .part("features", features.tuple(read))
        .number("maps", maps)
        .number("finest", Integer.numberOfTrailingZeros(read.getFirst().stride()))
        .real("canonical", canonicalSize)
        .part("matching", new Matching(positive, positive, Matching.Leftover.NONE).tuple())
        .number("sampled", sampled)
        .number("positives", Math.round(sampled * positiveShare))
        .flag("from_objects", fromObjects)
        .flag("agnostic", agnostic)
        .number("classes", classes);
  }

  private KernelTuple output(NetworkWeights weights, String name, int to, double spread) {
    return weights.linear(name, network.values(), to, new Initializer.Normal(spread));
  }
}
