package io.millrace.vision.suppress;

import io.millrace.tensor.kernel.KernelTuple;

/**
 * A rule by which a detection gives way to a better one that overlaps with it. Of equal scores the
 * earlier detection is the better one.
 */
public sealed interface Suppression {

  /** Every detection stays. */
  record None() implements Suppression {}

  /**
   * The best detection stays and removes those that overlap with it, then the best of the others.
   *
   * @param overlap what counts as one
   * @param threshold in [0, 1]; larger overlaps remove
   * @param agnostic whether detections remove those of other classes too
   */
  record Greedy(Overlap overlap, double threshold, boolean agnostic) implements Suppression {
    public Greedy {
      requireThreshold(threshold);
    }
  }

  /**
   * The best detection takes those that overlap with it in, so that its box is around all of them,
   * then the best of the others: parts of an object that slices cut become one (greedy non-maximum
   * merging of SAHI, Akyon et al. 2022, arXiv 2202.06934; overlaps are those with the best one's
   * own box).
   *
   * @param overlap what counts as one
   * @param threshold in [0, 1]; larger overlaps are taken in
   * @param agnostic whether detections of other classes are taken in too
   */
  record Merge(Overlap overlap, double threshold, boolean agnostic) implements Suppression {
    public Merge {
      requireThreshold(threshold);
    }
  }

  /**
   * Soft-NMS (Bodla et al. 2017, equation 2): an overlap above the threshold takes its share of the
   * score.
   *
   * @param threshold in [0, 1], of intersection over union
   * @param agnostic whether detections lower those of other classes too
   */
  record Linear(double threshold, boolean agnostic) implements Suppression {
    public Linear {
      requireThreshold(threshold);
    }
  }

  /**
   * Soft-NMS (Bodla et al. 2017, equation 3): {@code exp(-iou^2 / sigma)} is left of a score.
   *
   * @param sigma above 0; the paper's is 0.5
   * @param agnostic whether detections lower those of other classes too
   */
  record Gaussian(double sigma, boolean agnostic) implements Suppression {
    public Gaussian {
      if (!(sigma > 0) || Double.isInfinite(sigma)) {
        throw new IllegalArgumentException("sigma must be above 0, it is " + sigma);
      }
    }
  }

  private static void requireThreshold(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("a threshold must be 0 to 1, it is " + threshold);
    }
  }

  /** What {@code suppress} of {@link Suppressor#kernel} takes. */
  default KernelTuple tuple() {
    return switch (this) {
      case None _ -> tuple(/* soft= */ false, Overlap.UNION, /* agnostic= */ false, 0, 0);
      case Greedy(Overlap overlap, double threshold, boolean agnostic) ->
          tuple(/* soft= */ false, overlap, agnostic, threshold, 0);
      case Merge(Overlap overlap, double threshold, boolean agnostic) ->
          tuple(/* soft= */ false, overlap, agnostic, threshold, 0);
      case Linear(double threshold, boolean agnostic) ->
          tuple(/* soft= */ true, Overlap.UNION, agnostic, threshold, 0);
      case Gaussian(double sigma, boolean agnostic) ->
          tuple(/* soft= */ true, Overlap.UNION, agnostic, 0, sigma);
    };
  }

  private KernelTuple tuple(
      boolean soft, Overlap overlap, boolean agnostic, double threshold, double sigma) {
    return new KernelTuple("Suppression")
        .flag("none", this instanceof None)
        .flag("merged", this instanceof Merge)
        .flag("soft", soft)
        .flag("gaussian", this instanceof Gaussian)
        .flag("smaller", overlap == Overlap.SMALLER)
        .flag("agnostic", agnostic)
        .real("threshold", threshold)
        .real("sigma", sigma);
  }
}
