package io.millrace.training.task.representation;

import io.millrace.encoder.represent.Negatives;
import io.millrace.encoder.represent.Objective;
import io.millrace.encoder.represent.PictureChanges;
import io.millrace.encoder.represent.RepresentationSettings;
import io.millrace.platform.error.MillraceException;
import io.millrace.training.task.SharedOptions;

/**
 * How an encoder learns without labels, as clients spell it; {@code RepresentationOptions} of the
 * protobuf contract has fields of the same names.
 *
 * @param accumulation batches whose gradients are added up for a step; 0: 1
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param stepsAhead places ahead that are predicted; 0: as many as the preset has
 * @param negatives {@code mixed}, {@code same} or {@code other}: which documents negatives are of;
 *     empty: mixed
 * @param negativeCount drawn for each place; 0: all of the batch
 * @param temperature that cosines are divided by; 0: scores are bilinear
 * @param flip probability that a picture is mirrored
 * @param verticalFlip probability that a picture is turned upside down
 * @param hiddenPixels of the sides of a crop, around a window at a random place
 * @param colourDrop probability that a crop shows one of its channels alone
 */
record RepresentationOptions(
    int accumulation,
    double emaDecay,
    int stepsAhead,
    String negatives,
    int negativeCount,
    double temperature,
    double flip,
    double verticalFlip,
    int hiddenPixels,
    double colourDrop) {
  private static final int MAX_STEPS = 256;
  private static final int MAX_NEGATIVES = 1 << 16;
  private static final int MAX_HIDDEN = 4096;
  private static final double MAX_TEMPERATURE = 1000;

  /** What a run has that asks for none of these. */
  static final RepresentationOptions STANDARD =
      new RepresentationOptions(1, 0, 0, "", 0, 0, 0, 0, 0, 0);

  /**
   * Checks the options, and puts in what 0 and nothing stand for.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  RepresentationOptions {
    accumulation = SharedOptions.accumulation(accumulation);
    emaDecay = SharedOptions.emaDecay(emaDecay);
    SharedOptions.requireRange("steps_ahead", stepsAhead, MAX_STEPS);
    negatives = parsed(negatives).key();
    SharedOptions.requireRange("negative_count", negativeCount, MAX_NEGATIVES);
    if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
      throw MillraceException.invalid(
          "temperature",
          "temperature must be between 0, for bilinear scores, and %.0f; it is %s"
              .formatted(MAX_TEMPERATURE, temperature));
    }
    requireProbability("flip", flip);
    requireProbability("vertical_flip", verticalFlip);
    SharedOptions.requireRange("hidden_pixels", hiddenPixels, MAX_HIDDEN);
    requireProbability("colour_drop", colourDrop);
  }

  private static void requireProbability(String field, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw MillraceException.invalid(field, field + " must be 0 to 1, it is " + value);
    }
  }

  private static Negatives parsed(String key) {
    try {
      return key.isEmpty() ? Negatives.MIXED : Negatives.of(key);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("negatives", String.valueOf(e.getMessage()));
    }
  }

  /** The trainer's settings. */
  RepresentationSettings settings() {
    return RepresentationSettings.standard()
        .with(new Objective(parsed(negatives), negativeCount, temperature))
        .with(changes())
        .withEma(emaDecay);
  }

  /** How pictures are changed. */
  PictureChanges changes() {
    return new PictureChanges(flip, verticalFlip, hiddenPixels, colourDrop);
  }
}
