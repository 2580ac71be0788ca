package io.millrace.tensor.loss;

import io.millrace.tensor.kernel.KernelSource;
import java.util.List;
import java.util.stream.Stream;

/** What decisions are worth, from 0 to 1; of hard ones, the metric that is reported. */
public sealed interface Metric {

  /** One of what is both decided as a class and of it, what is decided, and what is of it. */
  sealed interface Overlap extends Metric {

    /**
     * Files that define {@code class_amount}, of a decision, and {@code class_average}, of the sums
     * of each class, for who counts something else than rows.
     */
    default List<KernelSource> ratioKernels() {
      String ratio = this instanceof Dice ? "dice.py" : "tversky.py";
      return KernelFiles.of("setting.py", "share.py", ratio, classes().key() + ".py");
    }
  }

  /** Share of the rows that are decided as labelled. */
  record Accuracy() implements Metric {}

  /** {@code 2 both / (decided + true)}, what is both decided as a class and of it twice. */
  record F1(Average average) implements Overlap {}

  /** F1 of squared decisions, the Dice coefficient of V-Net (arXiv 1606.04797, section 3). */
  record Dice(Average average) implements Overlap {}

  /**
   * F1 in which errors weigh otherwise (arXiv 1706.05721).
   *
   * @param alpha weight of what is wrongly decided as a class, 0.5 in F1; not negative
   * @param beta weight of what is missed, 0.5 in F1; not negative
   */
  record Tversky(double alpha, double beta, Average average) implements Overlap {

    public Tversky {
      if (!(alpha >= 0 && beta >= 0 && alpha + beta > 0) || Double.isInfinite(alpha + beta)) {
        throw new IllegalArgumentException(
            "alpha and beta must be finite, not negative and not both 0: %s, %s"
                .formatted(alpha, beta));
      }
    }
  }

  /** What names of losses end with. */
  default String key() {
    return switch (this) {
      case Accuracy() -> "accuracy";
      case F1(Average _) -> "f1";
      case Dice(Average _) -> "dice";
      case Tversky(double _, double _, Average _) -> "tversky";
    };
  }

  /** How classes are averaged; of the accuracy, micro. */
  default Average classes() {
    return switch (this) {
      case Accuracy() -> new Average.Micro();
      case F1(Average average) -> average;
      case Dice(Average average) -> average;
      case Tversky(double _, double _, Average average) -> average;
    };
  }

  /** Files that define {@code metric}. */
  default List<KernelSource> kernels() {
    return switch (this) {
      case Accuracy() -> KernelFiles.of("accuracy.py");
      case Overlap overlap ->
          Stream.concat(overlap.ratioKernels().stream(), KernelFiles.of("overlap.py").stream())
              .toList();
    };
  }
}
