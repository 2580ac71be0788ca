package io.millrace.vision.detector.head;

import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.random.Draws;
import io.millrace.vision.detector.match.MatchKernels;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.Norm;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.suppress.Suppressor;
import java.util.List;
import java.util.stream.Stream;

/**
 * MTCNN (Zhang et al. 2016, arXiv 1604.02878), for objects of one class such as faces: three
 * networks, P, R and O, each of which looks closer at what the one before found. It works on the
 * pixels of the picture, and makes its image pyramid itself.
 *
 * <p>In training, each network learns from its own crops of the same pictures, all in one step,
 * instead of one network after the other. Hard crops are mined within a picture instead of a batch,
 * and losses are divided by the numbers of crops that are wanted, whether there are as many or not:
 * so that they are the same however many batches the pictures of a step come in. There are no
 * landmarks: boxes have none to learn.
 *
 * @param smallest pixels of the smallest object that is found, 12 or more (20 in the published
 *     code)
 * @param factor of the size of one picture of the pyramid to the one before (0.709 there)
 * @param proposalScore from which squares of P-Net are passed on
 * @param refinedScore from which those of R-Net are
 * @param detectionScore from which those of O-Net are detections
 * @param proposals squares of a picture that are passed on from P-Net, at most
 * @param refined squares that are passed on from R-Net, at most
 * @param crops of a picture that each network learns from; three fifths lie beside objects, a fifth
 *     upon them and a fifth upon parts of them
 * @param hard share of the crops, those of the largest losses, whose scores are learned
 * @param boxWeight weight of the losses of boxes
 * @param chained whether R-Net and O-Net learn from what the network before them finds at that
 *     time, as published; random crops take the place of what it does not find
 */
public record MtcnnHead(
    double smallest,
    double factor,
    double proposalScore,
    double refinedScore,
    double detectionScore,
    int proposals,
    int refined,
    int crops,
    double hard,
    double boxWeight,
    boolean chained)
    implements Head {

  private static final int CROP = 12;
  private static final double WITHIN = 0.5;
  private static final double ACROSS = 0.7;

  public MtcnnHead {
    Limits.require(
        smallest >= CROP && Double.isFinite(smallest),
        "the smallest object of MTCNN has at least 12 pixels, not %s",
        smallest);
    Limits.require(
        factor > 0.1 && factor < 1, "a factor of the image pyramid of %s is not 0.1 to 1", factor);
    for (double score : new double[] {proposalScore, refinedScore, detectionScore}) {
      Limits.require(score >= 0 && score < 1, "scores cannot be passed on from %s", score);
    }
    Limits.require(
        proposals >= 1 && refined >= 1,
        "%s and %s are no numbers of squares to pass on",
        proposals,
        refined);
    Limits.requireSample("crops", crops, hard);
    Limits.require(
        crops % 5 == 0 && Math.round(hard * crops) > 0,
        "%s crops cannot be three fifths beside objects, a fifth upon them and one upon parts",
        crops);
    Limits.require(
        boxWeight >= 0 && Double.isFinite(boxWeight),
        "the weight of a loss must be 0 or more: %s",
        boxWeight);
  }

  /** The same, but that each network learns from random crops of its own. */
  public MtcnnHead unchained() {
    return new MtcnnHead(
        smallest,
        factor,
        proposalScore,
        refinedScore,
        detectionScore,
        proposals,
        refined,
        crops,
        hard,
        boxWeight,
        /* chained= */ false);
  }

  /** The published thresholds and weights. */
  public static MtcnnHead published() {
    return new MtcnnHead(20, 0.709, 0.6, 0.7, 0.7, 1000, 300, 60, 0.7, 0.5, /* chained= */ true);
  }

  @Override
  public List<String> losses() {
    return Stream.of("p_net", "r_net", "o_net")
        .flatMap(net -> Stream.of(net + "_score_loss", net + "_box_loss"))
        .toList();
  }

  /** Those of P-Net, which looks everywhere; the others see what it found. */
  @Override
  public List<Layer> layers() {
    return CropLayers.P.scanning();
  }

  /** Its networks have convolutions without padding. */
  @Override
  public boolean hasLayersAlone() {
    return false;
  }

  /** By the smaller area, "Min" in the published code. */
  @Override
  public Suppression suppression() {
    return new Suppression.Greedy(Overlap.SMALLER, ACROSS, /* agnostic= */ true);
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(
        MatchKernels.boxes(),
        Suppressor.kernel(),
        Draws.kernel(),
        RoiAlign.kernel(),
        KernelSource.of(MtcnnHead.class, "crop_nets.py"),
        KernelSource.of(MtcnnHead.class, "crop_samples.py"),
        KernelSource.of(MtcnnHead.class, "mtcnn.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    Limits.require(
        input.levels().equals(List.of(new Level(3, 1))),
        "head mtcnn works on pixels: its backbone is pixels, its neck none with stride 1");
    Limits.require(
        input.classes() == 1,
        "head mtcnn finds one class, there are %s: keep one of them, or take another head",
        input.classes());
    Limits.require(
        weights.style().activation() == Activation.PRELU && weights.style().norm() == Norm.NONE,
        "the networks of head mtcnn have the activation prelu and the norm none, not %s and %s",
        weights.style().activation(),
        weights.style().norm());
    Limits.require(
        Math.min(input.width(), input.height()) >= smallest,
        "pictures of %s x %s pixels have no room for the smallest object, of %s pixels",
        input.width(),
        input.height(),
        smallest);
    List<KernelTuple> nets =
        Stream.of(CropLayers.P, CropLayers.R, CropLayers.O).map(net -> net.tuple(weights)).toList();
    return new KernelTuple("Head")
        .parts("nets", nets)
        .part("rule", rule())
        .real("hard", hard)
        .flag("chained", chained)
        .real("box_weight", boxWeight)
        .part("cascade", cascade());
  }

  /** Overlaps of crops with objects as in section III of the paper. */
  private KernelTuple rule() {
    return new KernelTuple("CropRule")
        .number("negatives", 3L * (crops / 5))
        .number("parts", crops / 5)
        .number("positives", crops / 5)
        .real("background", 0.3)
        .real("part", 0.4)
        .real("positive", 0.65);
  }

  private KernelTuple cascade() {
    return new KernelTuple("Cascade")
        .real("smallest", smallest)
        .real("factor", factor)
        .reals("scores", proposalScore, refinedScore, detectionScore)
        .part("within", union(WITHIN).tuple())
        .part("across", union(ACROSS).tuple())
        .number("proposals", proposals)
        .number("refined", refined);
  }

  private static Suppression union(double threshold) {
    return new Suppression.Greedy(Overlap.UNION, threshold, /* agnostic= */ true);
  }
}
