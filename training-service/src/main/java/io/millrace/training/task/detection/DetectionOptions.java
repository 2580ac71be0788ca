package io.millrace.training.task.detection;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.training.task.SharedOptions;
import io.millrace.training.task.WrittenLoss;
import io.millrace.vision.augment.AnchorSampling;
import io.millrace.vision.augment.BatchChange;
import io.millrace.vision.augment.ContextCrop;
import io.millrace.vision.augment.CopyPaste;
import io.millrace.vision.augment.Mosaic;
import io.millrace.vision.augment.Oversampling;
import io.millrace.vision.augment.RandomScale;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.Precision;
import io.millrace.vision.view.Pyramid;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * How a detector learns, as clients spell it; {@code DetectionOptions} of the protobuf contract has
 * fields of the same names.
 *
 * @param accumulation batches whose gradients are added up for a step; 0: 1
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param smallSize largest size of a small object, the root of its area in pixels of the picture;
 *     0: 32
 * @param oversample how often pictures with small objects are in a batch, to one of others; 0: 1,
 *     as they come
 * @param copyPaste copies of each small object to other places of its picture
 * @param mosaic probability that a picture is put together of four
 * @param anchorSampling probability that an object is brought to the size of a random anchor
 * @param context probability that an object fills the picture with as much around it
 * @param scales see {@link Pyramid#parse}; each picture is learned at one of them; empty: as it is
 * @param verticalFlip probability that a picture is turned upside down
 * @param minScale smallest factor of size by which a picture is changed; 0: the usual one
 * @param maxScale largest factor; 0: the usual one
 * @param backboneWeights name of imported weights that the backbone begins with; empty: none
 * @param precision {@code f32} or {@code bf16}: of layers; empty: f32
 * @param loss by which heat maps are learned, see {@link LossPlan#read}; empty: the head's own
 */
record DetectionOptions(
    int accumulation,
    double emaDecay,
    double smallSize,
    double oversample,
    int copyPaste,
    double mosaic,
    double anchorSampling,
    double context,
    String scales,
    double verticalFlip,
    double minScale,
    double maxScale,
    String backboneWeights,
    String precision,
    @JsonDeserialize(using = WrittenLoss.class) String loss) {

  private static final double COCO_SMALL = 32;
  private static final int MAX_COPIES = 10;
  private static final double MAX_RATE = 100;
  private static final double CONTEXT_FACTOR = 2;

  /** Of less, nothing is left to see; far less is no number that can be computed with. */
  private static final double MIN_SCALE = 0.05;

  private static final double MAX_SCALE = 10;
  private static final AugmentationSettings USUAL = AugmentationSettings.standard();

  /** What a run has that asks for none of these. */
  static final DetectionOptions STANDARD =
      new DetectionOptions(1, 0, 0, 1, 0, 0, 0, 0, "", 0, 0, 0, "", "", "");

  /**
   * Checks the options, and puts in what 0 stands for.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  DetectionOptions {
    accumulation = SharedOptions.accumulation(accumulation);
    emaDecay = SharedOptions.emaDecay(emaDecay);
    precision = numbers(precision).key();
    loss = loss.isEmpty() ? "" : plan(loss).text();
    if (!backboneWeights.isEmpty() && !Names.isName(backboneWeights)) {
      throw MillraceException.invalid(
          "backbone_weights",
          "backbone_weights is the name under which ./millrace import has kept a file, not '%s'"
              .formatted(backboneWeights));
    }
    smallSize = smallSize == 0 ? COCO_SMALL : smallSize;
    if (!(smallSize > 0) || Double.isInfinite(smallSize)) {
      throw MillraceException.invalid(
          "small_size", "small_size must be above 0 pixels, it is " + smallSize);
    }
    oversample = oversample == 0 ? 1 : oversample;
    if (!(oversample >= 1 && oversample <= MAX_RATE)) {
      throw MillraceException.invalid(
          "oversample",
          "oversample must be between 1 and %s; it is %s".formatted(MAX_RATE, oversample));
    }
    SharedOptions.requireRange("copy_paste", copyPaste, MAX_COPIES);
    requireProbability("mosaic", mosaic);
    requireProbability("anchor_sampling", anchorSampling);
    requireProbability("context", context);
    requireScales(scales);
    requireProbability("vertical_flip", verticalFlip);
    minScale = minScale == 0 ? USUAL.minScale() : minScale;
    maxScale = maxScale == 0 ? USUAL.maxScale() : maxScale;
    if (!(minScale >= MIN_SCALE && minScale <= maxScale && maxScale <= MAX_SCALE)) {
      throw MillraceException.invalid(
          "min_scale",
          "min_scale and max_scale must be %s to %s, and in order; they are %s and %s"
              .formatted(MIN_SCALE, MAX_SCALE, minScale, maxScale));
    }
  }

  private static Precision numbers(String spelling) {
    try {
      return spelling.isEmpty() ? Precision.F32 : Precision.of(spelling);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("precision", String.valueOf(e.getMessage()));
    }
  }

  private static LossPlan plan(String loss) {
    try {
      return LossPlan.read(loss);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("loss", "loss: " + e.getMessage());
    }
  }

  /**
   * Checks that detectors of this shape can be learned by the losses that are named.
   *
   * @param what preset or model, for the message
   * @throws MillraceException INVALID_ARGUMENT with the reason
   */
  void requireLossFits(String what, DetectorConfig config) {
    if (!loss.isEmpty()) {
      try {
        DetectorTrainingSettings.requireLearnedBy(plan(loss), config);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid(
            "loss", "loss does not go with %s: %s".formatted(what, e.getMessage()));
      }
    }
  }

  /**
   * How it learns by these losses.
   *
   * @param steps of the run
   * @throws MillraceException INVALID_ARGUMENT if one of them has no step
   */
  DetectorTrainingSettings withLoss(DetectorTrainingSettings settings, long steps) {
    if (loss.isEmpty()) {
      return settings;
    }
    try {
      return settings.withLoss(plan(loss), steps);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("loss", "loss: " + e.getMessage());
    }
  }

  /** The precision. */
  Precision numbers() {
    return numbers(precision);
  }

  /**
   * Checks that detectors of this shape can be trained in the precision.
   *
   * @param what preset or model, for the message
   * @throws MillraceException INVALID_ARGUMENT with the reason
   */
  void requirePrecisionCovers(String what, DetectorConfig config) {
    try {
      numbers().requireCovers(config);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("precision", "%s: %s".formatted(what, e.getMessage()));
    }
  }

  private static void requireProbability(String field, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw MillraceException.invalid(field, field + " must be 0 to 1, it is " + value);
    }
  }

  private static void requireScales(String scales) {
    if (!scales.isEmpty()) {
      try {
        Pyramid unused = Pyramid.parse(scales);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid("scales", String.valueOf(e.getMessage()));
      }
    }
  }

  /** How each picture is changed, from what is usual for its classes. */
  AugmentationSettings augmentation(AugmentationSettings usual) {
    return usual.withVerticalFlip(verticalFlip).withScale(minScale, maxScale);
  }

  /**
   * The changes of batches that are asked for, in the order in which they are made.
   *
   * @param minVisible objects of which less is left are neither objects nor background
   */
  List<BatchChange> batchChanges(double minVisible) {
    List<BatchChange> changes = new ArrayList<>();
    if (oversample > 1) {
      changes.add(new Oversampling(oversample, smallSize));
    }
    if (copyPaste > 0) {
      changes.add(new CopyPaste(copyPaste, smallSize));
    }
    if (mosaic > 0) {
      changes.add(new Mosaic(mosaic, minVisible));
    }
    if (anchorSampling > 0) {
      changes.add(new AnchorSampling(anchorSampling, minVisible));
    }
    if (context > 0) {
      changes.add(new ContextCrop(context, CONTEXT_FACTOR, minVisible));
    }
    if (!scales.isEmpty()) {
      changes.add(new RandomScale(Pyramid.parse(scales), minVisible));
    }
    return List.copyOf(changes);
  }
}
