package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.loss.Decision;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.loss.Metric;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.List;

/**
 * An object is a peak of its class's heat map (Zhou, Wang and Krähenbühl 2019, "Objects as Points",
 * arXiv 1904.07850).
 *
 * @param width hidden channels
 * @param correctedRadius whether gaussians have the radius that CornerNet's text describes; false
 *     gives the larger one of the published code
 * @param offsetWeight weight of the offset loss
 * @param sizeWeight weight of the size loss, in cells of the heat map
 */
public record CenterNetHead(
    int width, boolean correctedRadius, double offsetWeight, double sizeWeight) implements Head {

  /** A score of 0.1 everywhere at first (CornerNet, Law and Deng 2018; CenterNet's code). */
  private static final double HEAT_BIAS = -2.19;

  private static final Initializer SMALL = new Initializer.Normal(0.001);

  public CenterNetHead {
    Limits.require(
        offsetWeight >= 0 && sizeWeight >= 0 && Double.isFinite(offsetWeight + sizeWeight),
        "the weights of losses must be 0 or more: %s, %s",
        offsetWeight,
        sizeWeight);
  }

  /** CenterNet's weights (section 3) and the radius of its code. */
  public static CenterNetHead published(int width) {
    return new CenterNetHead(width, /* correctedRadius= */ false, 1, 0.1);
  }

  @Override
  public List<String> losses() {
    return List.of("heat_loss", "offset_loss", "size_loss");
  }

  @Override
  public List<Layer> layers() {
    return List.of(Layer.same("head.hidden", 3, 1, 1), Layer.same("head.output", 1, 1, 1));
  }

  /** None: a peak has no higher neighbour. */
  @Override
  public Suppression suppression() {
    return new Suppression.None();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(DenseHeads.focalLoss(), file("centernet.py"), file("focal_heat.py"));
  }

  @Override
  public List<KernelSource> kernels(Loss loss) {
    List<KernelSource> files =
        new ArrayList<>(List.of(file("centernet.py"), file("overlap_heat.py")));
    files.addAll(overlap(loss).ratioKernels());
    return files;
  }

  private static KernelSource file(String name) {
    return KernelSource.of(CenterNetHead.class, name);
  }

  @Override
  public void requireLearnedBy(Loss loss, int classes) {
    Metric.Overlap unused = overlap(loss);
    loss.requireClasses(classes);
  }

  /** What a loss is one minus of. */
  private static Metric.Overlap overlap(Loss loss) {
    if (loss instanceof Loss.Surrogate(Decision decision, Metric.Overlap metric)
        && decision == Decision.SOFT) {
      return metric;
    }
    throw new IllegalArgumentException(
        "a heat map is learned by focal, soft_f1, dice or tversky; %s is a loss of rows that are each of one class, where a cell may be a centre of several or of none"
            .formatted(LossPlan.of(loss).text()));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    Limits.require(
        input.levels().size() == 1,
        "head centernet works on one map, the neck gives %s",
        input.levels().size());
    Level level = input.levels().getFirst();
    return new KernelTuple("Head")
        .part(
            "hidden",
            weights.conv("head.hidden", Convolution.threeByThree(level.channels(), width)))
        .part("heat", output(weights, "head.heat", HEAT_BIAS, input.classes()))
        .part("box", output(weights, "head.box", 0, 4))
        .number("stride", level.stride())
        .number("classes", input.classes())
        .flag("corrected_radius", correctedRadius)
        .real("offset_weight", offsetWeight)
        .real("size_weight", sizeWeight);
  }

  private KernelTuple output(NetworkWeights weights, String name, double bias, int to) {
    return weights.biased(name, Convolution.pointwise(width, to), SMALL, bias);
  }
}
