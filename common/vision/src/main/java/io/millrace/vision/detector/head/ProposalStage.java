package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first stage of {@link TwoStageHead}: where there may be objects (Ren et al. 2015, "Faster
 * R-CNN", arXiv 1506.01497, section 3).
 *
 * @param width hidden channels
 * @param anchors of each map, the finest first; as many in a cell of each
 * @param matching which of them learn
 * @param sampled anchors of a picture that are learned from; there may be fewer
 * @param positiveShare how many of them, at most, may lie on objects
 * @param overlap IoU above which a better proposal of the same map removes another
 * @param learnBefore proposals of each map that go into suppression in training
 * @param learnAfter proposals of a picture that are left
 * @param detectBefore the same in detection
 * @param detectAfter the same in detection
 */
public record ProposalStage(
    int width,
    List<CellAnchors> anchors,
    Matching matching,
    int sampled,
    double positiveShare,
    double overlap,
    int learnBefore,
    int learnAfter,
    int detectBefore,
    int detectAfter) {

  private static final Initializer SMALL = new Initializer.Normal(0.01);

  public ProposalStage {
    anchors = List.copyOf(anchors);
    Limits.require(!anchors.isEmpty(), "proposals have no anchors: anchors is empty");
    int count = anchors.getFirst().count();
    for (CellAnchors cell : anchors) {
      Limits.require(
          cell.count() == count,
          "proposals have one network for all maps, but cells of these have %s and %s anchors",
          count,
          cell.count());
    }
    Limits.requireSample("anchors", sampled, positiveShare);
    for (int limit : new int[] {learnBefore, learnAfter, detectBefore, detectAfter}) {
      Limits.require(
          limit >= 1 && limit <= 1 << 20, "%s is no number of proposals to go on with", limit);
    }
  }

  /** The published thresholds and numbers for a pyramid (FPN, section 5.1). */
  public static ProposalStage published(int width, List<CellAnchors> anchors) {
    return new ProposalStage(
        width,
        anchors,
        new Matching(0.7, 0.3, Matching.Leftover.BEST),
        256,
        0.5,
        0.7,
        2000,
        1000,
        1000,
        1000);
  }

  /** A ProposalStage of {@code proposals.py}. */
  KernelTuple tuple(NetworkWeights weights, List<Level> maps) {
    Limits.require(
        anchors.size() == maps.size(),
        "head two_stage has anchors of %s maps, the neck gives %s",
        anchors.size(),
        maps.size());
    int channels = maps.getFirst().channels();
    for (Level map : maps) {
      Limits.require(
          map.channels() == channels,
          "head two_stage has one network for all maps, but these have %s and %s channels",
          channels,
          map.channels());
    }
    int each = anchors.getFirst().count();
    String name = "head.proposals.";
    return new KernelTuple("ProposalStage")
        .part("hidden", weights.conv(name + "hidden", Convolution.threeByThree(channels, width)))
        .part("objectness", output(weights, name + "objectness", each))
        .part("deltas", output(weights, name + "deltas", 4 * each))
        .parts("anchors", cells(maps))
        .part("matching", matching.tuple())
        .part("rule", new Suppression.Greedy(Overlap.UNION, overlap, /* agnostic= */ true).tuple())
        .number("sampled", sampled)
        .number("positives", Math.round(sampled * positiveShare))
        .number("learn_before", learnBefore)
        .number("learn_after", learnAfter)
        .number("detect_before", detectBefore)
        .number("detect_after", detectAfter);
  }

  private List<KernelTuple> cells(List<Level> maps) {
    return IntStream.range(0, maps.size())
        .mapToObj(i -> anchors.get(i).tuple(maps.get(i).stride()))
        .toList();
  }

  private KernelTuple output(NetworkWeights weights, String name, int to) {
    return weights.biased(name, Convolution.pointwise(width, to), SMALL, 0);
  }
}
