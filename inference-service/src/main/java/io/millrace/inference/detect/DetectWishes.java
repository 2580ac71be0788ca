package io.millrace.inference.detect;

import io.millrace.platform.error.MillraceException;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.view.Pyramid;
import io.millrace.vision.view.Slices;
import io.millrace.vision.view.Viewing;
import io.millrace.vision.view.Whole;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks of a detector, as clients spell it; null: the default.
 *
 * @param nms none, iou, ios, merge, soft-linear or soft-gaussian; null: as the detector, slices or
 *     scales have it
 * @param nmsThreshold overlap that suppresses; of soft-gaussian its sigma
 * @param nmsAgnostic whether detections suppress those of other classes too
 * @param sliceSize width in pixels of the windows that a picture is looked at through
 * @param sliceOverlap of neighbouring windows, as a share of their size
 * @param scales see {@link Pyramid#parse}
 */
public record DetectWishes(
    @Nullable Double minScore,
    @Nullable Integer maxDetections,
    @Nullable String nms,
    @Nullable Double nmsThreshold,
    @Nullable Boolean nmsAgnostic,
    @Nullable Integer sliceSize,
    @Nullable Double sliceOverlap,
    @Nullable String scales) {

  private static final double DEFAULT_MIN_SCORE = 0.3;
  private static final int DEFAULT_MAX = 100;
  private static final int MOST = 1000;
  private static final double DEFAULT_OVERLAP = 0.2;

  /**
   * Lowest score.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is not from 0 to 1
   */
  double lowestScore() {
    double asked = minScore == null ? DEFAULT_MIN_SCORE : minScore;
    requireShare("min_score", asked);
    return asked;
  }

  /**
   * Most detections of a picture.
   *
   * @throws MillraceException INVALID_ARGUMENT if there are too many or none
   */
  int most() {
    int asked = maxDetections == null ? DEFAULT_MAX : maxDetections;
    if (asked < 1 || asked > MOST) {
      throw MillraceException.invalid(
          "max_detections", "max_detections must be 1 to " + MOST + ", it is " + asked);
    }
    return asked;
  }

  /**
   * How pictures are looked at.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  Viewing viewing() {
    if (scales != null && (sliceSize != null || sliceOverlap != null)) {
      throw MillraceException.invalid(
          "scales", "a picture is looked at in slices or at scales, not both: leave one out");
    }
    if (scales != null) {
      try {
        return Pyramid.parse(scales);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid("scales", String.valueOf(e.getMessage()));
      }
    }
    if (sliceSize == null) {
      if (sliceOverlap != null) {
        throw MillraceException.invalid("slice_size", "slice_overlap needs a slice_size too");
      }
      return new Whole();
    }
    if (sliceSize < 1) {
      throw MillraceException.invalid(
          "slice_size", "slice_size must be at least 1 pixel, it is " + sliceSize);
    }
    double overlap = sliceOverlap == null ? DEFAULT_OVERLAP : sliceOverlap;
    if (!(overlap >= 0 && overlap <= Slices.MAX_OVERLAP)) {
      throw MillraceException.invalid(
          "slice_overlap",
          "slice_overlap must be 0 to %s, it is %s".formatted(Slices.MAX_OVERLAP, overlap));
    }
    return new Slices(sliceSize, overlap);
  }

  /**
   * Which detections give way; empty: as the detector usually does it.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  Optional<Suppression> suppression() {
    if (nms == null) {
      requireNoDetails("nms_threshold and nms_agnostic need an nms too");
      return Optional.empty();
    }
    boolean agnostic = nmsAgnostic != null && nmsAgnostic;
    return Optional.of(
        switch (nms) {
          case "none" -> {
            requireNoDetails("nms none has no nms_threshold and no nms_agnostic: leave them out");
            yield new Suppression.None();
          }
          case "iou" -> new Suppression.Greedy(Overlap.UNION, threshold(0.5), agnostic);
          case "ios" -> new Suppression.Greedy(Overlap.SMALLER, threshold(0.5), agnostic);
          case "merge" -> new Suppression.Merge(Overlap.SMALLER, threshold(0.5), agnostic);
          case "soft-linear" -> new Suppression.Linear(threshold(0.3), agnostic);
          case "soft-gaussian" -> new Suppression.Gaussian(sigma(), agnostic);
          default ->
              throw MillraceException.invalid(
                  "nms",
                  "nms must be none, iou, ios, merge, soft-linear or soft-gaussian, it is '"
                      + nms
                      + "'");
        });
  }

  private void requireNoDetails(String message) {
    if (nmsThreshold != null || nmsAgnostic != null) {
      throw MillraceException.invalid(
          nmsThreshold == null ? "nms_agnostic" : "nms_threshold", message);
    }
  }

  private double threshold(double usual) {
    double asked = nmsThreshold == null ? usual : nmsThreshold;
    requireShare("nms_threshold", asked);
    return asked;
  }

  private double sigma() {
    double asked = nmsThreshold == null ? 0.5 : nmsThreshold;
    if (!(asked > 0 && asked <= 100)) {
      throw MillraceException.invalid(
          "nms_threshold",
          "nms_threshold, the sigma of soft-gaussian, must be above 0 and at most 100, it is "
              + asked);
    }
    return asked;
  }

  private static void requireShare(String field, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw MillraceException.invalid(field, field + " must be 0 to 1, it is " + value);
    }
  }
}
