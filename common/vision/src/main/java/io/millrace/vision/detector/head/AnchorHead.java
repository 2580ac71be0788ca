package io.millrace.vision.detector.head;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.MatchKernels;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Every anchor tells the class of the object that it overlaps with, and how the object's box lies
 * to it: RetinaNet (Lin et al. 2017, arXiv 1708.02002), SSD (Liu et al. 2016, arXiv 1512.02325),
 * S3FD (Zhang et al. 2017, arXiv 1708.05237) and FaceBoxes (arXiv 1708.05234), which differ in
 * these numbers.
 *
 * @param width channels of both towers
 * @param depth convolutions of each tower
 * @param shared whether all maps share the convolutions, as in RetinaNet
 * @param anchors of each map, the finest first
 * @param matching which anchors learn which objects
 * @param classLoss of scores
 * @param negatives anchors of the background that learn for each that learns an object, those of
 *     the largest loss in each picture; a focal loss has no use for it
 * @param backgrounds scores of the background on the finest map, of which the largest counts: 3 in
 *     S3FD (max-out), else 1
 * @param boxWeight weight of the box loss
 * @param centreSpread what shifts of the centre are divided by: SSD's variance 0.1
 * @param sizeSpread what logarithms of sides are divided by: SSD's variance 0.2
 */
public record AnchorHead(
    int width,
    int depth,
    boolean shared,
    List<CellAnchors> anchors,
    Matching matching,
    ClassLoss classLoss,
    int negatives,
    int backgrounds,
    double boxWeight,
    double centreSpread,
    double sizeSpread)
    implements Head {

  private static final int MOST = 1000;

  /** How scores learn. */
  public enum ClassLoss {
    /** Each class for itself; what is easy counts little. */
    @JsonProperty("focal")
    FOCAL,
    /** One of the classes or the background; only hard ones of the background learn. */
    @JsonProperty("softmax")
    SOFTMAX
  }

  public AnchorHead {
    anchors = List.copyOf(anchors);
    DenseHeads.requireTower("anchors", depth);
    Limits.require(
        negatives >= 1 && negatives <= MOST && backgrounds >= 1 && backgrounds <= 16,
        "head anchors cannot have %s negatives and %s scores of the background",
        negatives,
        backgrounds);
    Limits.require(
        backgrounds == 1 || classLoss == ClassLoss.SOFTMAX,
        "a focal loss has no score of the background, head anchors names %s of them",
        backgrounds);
    Limits.require(
        boxWeight >= 0 && Double.isFinite(boxWeight),
        "the weight of a loss must be 0 or more: %s",
        boxWeight);
    Limits.require(
        centreSpread > 0 && sizeSpread > 0 && Double.isFinite(centreSpread + sizeSpread),
        "the spreads of deltas must be above 0: %s, %s",
        centreSpread,
        sizeSpread);
  }

  @Override
  public List<String> losses() {
    return List.of("class_loss", "box_loss");
  }

  @Override
  public List<Layer> layers() {
    return DenseHeads.layers(depth);
  }

  @Override
  public List<SizeRange> sizes() {
    return anchors.stream().map(CellAnchors::sizes).toList();
  }

  @Override
  public Suppression suppression() {
    return new Suppression.Greedy(Overlap.UNION, 0.5, /* agnostic= */ false);
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(
        MatchKernels.boxes(),
        MatchKernels.anchors(),
        MatchKernels.matching(),
        DenseHeads.kernel(),
        DenseHeads.focalLoss(),
        KernelSource.of(AnchorHead.class, "anchor_head.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    List<Level> levels = input.levels();
    Limits.require(
        anchors.size() == levels.size(),
        "head anchors has the anchors of %s maps, the neck gives %s",
        anchors.size(),
        levels.size());
    List<KernelTuple> cells = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      cells.add(anchors.get(i).tuple(levels.get(i).stride()));
    }
    return new KernelTuple("Head")
        .parts("levels", levels(weights, input))
        .parts("cells", cells)
        .part("matching", matching.tuple())
        .number("class_count", input.classes())
        .flag("focal", classLoss == ClassLoss.FOCAL)
        .number("negatives", negatives)
        .real("box_weight", boxWeight)
        .real("centre_spread", centreSpread)
        .real("size_spread", sizeSpread);
  }

  private List<KernelTuple> levels(NetworkWeights weights, HeadInput input) {
    List<Level> levels = input.levels();
    if (!shared) {
      List<KernelTuple> each = new ArrayList<>();
      for (int i = 0; i < levels.size(); i++) {
        int scores = classLoss == ClassLoss.FOCAL ? 0 : i == 0 ? backgrounds : 1;
        int from = levels.get(i).channels();
        each.add(level(weights, "head.level" + i, from, anchors.get(i).count(), scores, input));
      }
      return each;
    }
    int count = anchors.getFirst().count();
    Limits.require(
        anchors.stream().allMatch(one -> one.count() == count),
        "maps that share head anchors must have as many anchors a cell: %s",
        anchors.stream().map(CellAnchors::count).toList());
    Limits.require(
        backgrounds == 1, "maps that share head anchors share its score of the background too");
    int from = DenseHeads.channels("anchors", levels);
    int scores = classLoss == ClassLoss.FOCAL ? 0 : 1;
    return Collections.nCopies(levels.size(), level(weights, "head", from, count, scores, input));
  }

  /** A LevelHead of the kernel. */
  private KernelTuple level(
      NetworkWeights weights, String name, int from, int count, int scores, HeadInput input) {
    int last = depth == 0 ? from : width;
    double bias = classLoss == ClassLoss.FOCAL ? DenseHeads.RARE_BIAS : 0;
    int values = count * (scores + input.classes());
    return new KernelTuple("LevelHead")
        .parts("class_tower", DenseHeads.tower(weights, name + ".class_tower", from, width, depth))
        .parts("box_tower", DenseHeads.tower(weights, name + ".box_tower", from, width, depth))
        .part("classes", DenseHeads.output(weights, name + ".classes", last, values, bias))
        .part("deltas", DenseHeads.output(weights, name + ".deltas", last, 4 * count, 0))
        .number("backgrounds", scores);
  }
}
