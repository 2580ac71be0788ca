package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.random.Draws;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.MatchKernels;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.ResNetStage;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.suppress.Suppressor;
import java.util.List;

/**
 * Faster R-CNN (Ren et al. 2015, arXiv 1506.01497): proposals, then a class and a better box for
 * each; on one map, or on those of a pyramid.
 *
 * <p>It learns from samples of anchors and of proposals. Losses are divided by the sizes that
 * samples are to have, whether there are as many or not: so that they are the same however many
 * batches the pictures of a step come in. What is sampled follows from a picture's seed.
 *
 * @param proposals the first stage
 * @param boxes the second
 * @param overlap IoU above which a better detection of a class removes another
 */
public record TwoStageHead(ProposalStage proposals, BoxStage boxes, double overlap)
    implements Head {

  public TwoStageHead {
    Suppression unused = rule(overlap);
  }

  @Override
  public List<String> losses() {
    return List.of("rpn_objectness_loss", "rpn_box_loss", "class_loss", "box_loss");
  }

  /** Those of the proposals: what a box sees is its own region, whatever its size. */
  @Override
  public List<Layer> layers() {
    return List.of(
        Layer.same("head.proposals.hidden", 3, 1, 1), Layer.same("head.proposals.output", 1, 1, 1));
  }

  @Override
  public List<SizeRange> sizes() {
    return proposals.anchors().stream().map(CellAnchors::sizes).toList();
  }

  /** Those of the stage of a ResNet that reads regions. */
  @Override
  public String published(String tensor) {
    String stage = "head.boxes." + FifthStage.NAME;
    return tensor.startsWith(stage) && !tensor.endsWith(".slope")
        ? tensor.substring("head.boxes.".length())
        : "";
  }

  @Override
  public Suppression suppression() {
    return rule(overlap);
  }

  private static Suppression rule(double overlap) {
    return new Suppression.Greedy(Overlap.UNION, overlap, /* agnostic= */ false);
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(
        MatchKernels.boxes(),
        MatchKernels.anchors(),
        MatchKernels.matching(),
        Suppressor.kernel(),
        Draws.kernel(),
        RoiAlign.kernel(),
        ResNetStage.kernel(),
        KernelSource.of(TwoStageHead.class, "proposals.py"),
        KernelSource.of(TwoStageHead.class, "two_stage.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    return new KernelTuple("Head")
        .part("proposals", proposals.tuple(weights, input.levels()))
        .part("boxes", boxes.tuple(weights, input.levels(), input.classes()));
  }
}
