package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.random.Draws;
import io.millrace.vision.detector.match.MatchKernels;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.List;

/**
 * Every cell tells one distribution of classes and a few boxes with a confidence each (YOLO, Redmon
 * et al. 2016, arXiv 1506.02640). A cell has one object, so of several whose centres lie in one
 * cell only the first is learned, and at most one class is found there.
 *
 * @param predictors boxes of a cell, B; published 2
 * @param width channels of the convolutions before the results
 * @param depth convolutions before the results; published 4, of 1024 channels
 * @param hidden units of a fully connected layer before the results, with leaky ReLU of 0.1;
 *     published 4096. 0: a convolution gives the results, so that cells are alike
 * @param dropout share of the hidden units that a picture learns without, by its seed; published
 *     0.5
 * @param rescore whether confidences learn the overlap with the object, as in the text and by
 *     Darknet's option of that name, rather than 1
 * @param boxWeight weight of the losses of position and size; published 5
 * @param emptyWeight weight of the confidence loss without objects; published 0.5
 */
public record YoloV1Head(
    int predictors,
    int width,
    int depth,
    int hidden,
    double dropout,
    boolean rescore,
    double boxWeight,
    double emptyWeight)
    implements Head {

  private static final int MAX_PREDICTORS = 64;
  private static final int MAX_HIDDEN = 1 << 16;

  /** Results near 0 at first: those of a spread of 1 are boxes as large as the picture. */
  private static final Initializer SMALL = new Initializer.Normal(0.01);

  public YoloV1Head {
    DenseHeads.requireTower("yolo_v1", depth);
    Limits.require(
        predictors >= 1 && predictors <= MAX_PREDICTORS,
        "a cell of head yolo_v1 cannot have %s predictors, only 1 to %s",
        predictors,
        MAX_PREDICTORS);
    Limits.require(
        hidden >= 0 && hidden <= MAX_HIDDEN,
        "head yolo_v1 cannot have %s hidden units, only 0 to %s",
        hidden,
        MAX_HIDDEN);
    Limits.require(dropout >= 0 && dropout < 1, "a dropout must be 0 to below 1: %s", dropout);
    Limits.require(
        hidden > 0 || dropout == 0, "head yolo_v1 has a dropout of %s of no units", dropout);
    Limits.require(
        boxWeight >= 0 && emptyWeight >= 0 && Double.isFinite(boxWeight + emptyWeight),
        "the weights of losses must be 0 or more: %s, %s",
        boxWeight,
        emptyWeight);
  }

  @Override
  public List<String> losses() {
    return List.of("position_loss", "size_loss", "object_loss", "empty_loss", "class_loss");
  }

  @Override
  public List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      layers.add(Layer.same("head.conv" + i, 3, 1, 1));
    }
    layers.add(Layer.same("head.output", 1, 1, 1));
    return layers;
  }

  @Override
  public boolean seesEverything() {
    return hidden > 0;
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
        DenseHeads.kernel(),
        Draws.kernel(),
        KernelSource.of(YoloV1Head.class, "yolo_v1.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, HeadInput input) {
    Limits.require(
        input.levels().size() == 1,
        "head yolo_v1 works on one map, the neck gives %s",
        input.levels().size());
    Level level = input.levels().getFirst();
    int rows = Math.ceilDiv(input.height(), level.stride());
    int columns = Math.ceilDiv(input.width(), level.stride());
    int values = 5 * predictors + input.classes();
    int last = depth == 0 ? level.channels() : width;
    int cells = rows * columns;
    return new KernelTuple("Head")
        .parts("convs", DenseHeads.tower(weights, "head.conv", level.channels(), width, depth))
        .parts(
            "layers",
            hidden == 0
                ? List.of()
                : List.of(
                    hidden(weights, Math.multiplyExact(last, cells)),
                    weights.linear(
                        "head.output", hidden, Math.multiplyExact(values, cells), SMALL)))
        .parts(
            "output",
            hidden == 0
                ? List.of(
                    weights.biased("head.output", Convolution.pointwise(last, values), SMALL, 0))
                : List.of())
        .real("dropout", dropout)
        .number("stride", level.stride())
        .number("rows", rows)
        .number("columns", columns)
        .number("predictors", predictors)
        .number("class_count", input.classes())
        .flag("rescore", rescore)
        .real("box_weight", boxWeight)
        .real("empty_weight", emptyWeight);
  }

  private KernelTuple hidden(NetworkWeights weights, int from) {
    return weights.linear("head.hidden", from, hidden, Initializer.he(from));
  }
}
