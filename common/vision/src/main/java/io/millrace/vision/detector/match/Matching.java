package io.millrace.vision.detector.match;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;

/**
 * Which overlap of an anchor with an object, as IoU, makes it learn.
 *
 * @param positive from here it learns the object
 * @param background below it learns that there is none; between both it learns nothing
 * @param leftover what is done for objects that no anchor, or too few, overlap with so much
 */
public record Matching(double positive, double background, Leftover leftover) {

  /** What is done for objects that few anchors fit. */
  public enum Leftover {
    /** Nothing. */
    @JsonProperty("none")
    NONE,
    /** The anchor that overlaps with it most learns it too (SSD, Faster R-CNN). */
    @JsonProperty("best")
    BEST,
    /** It gets as many anchors as others have on average (S3FD's second stage). */
    @JsonProperty("compensated")
    COMPENSATED
  }

  public Matching {
    Limits.require(
        background >= 0 && background <= positive && positive <= 1,
        "anchors cannot be background below an IoU of %s and objects from %s",
        background,
        positive);
    Limits.require(positive > 0, "anchors cannot be objects from an IoU of 0");
  }

  /** A Matching of {@code matching.py}. */
  public KernelTuple tuple() {
    return new KernelTuple("Matching")
        .real("positive", positive)
        .real("background", background)
        .flag("best", leftover == Leftover.BEST)
        .flag("compensated", leftover == Leftover.COMPENSATED);
  }
}
