package io.millrace.tensor.loss;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.random.Draws;
import java.util.List;
import java.util.stream.Stream;

/**
 * A loss of rows of logits, each with a label. All but cross entropy and the focal loss are one
 * minus a metric, which is of all rows of a step together.
 */
public sealed interface Loss {

  /** Draws of a step by which REINFORCE estimates a gradient, where nothing else is said. */
  int SAMPLES = 16;

  /** {@code -log softmax(x)} at the label, a mean. */
  record CrossEntropy() implements Loss {}

  /** Cross entropy times the square of what the label's probability lacks (arXiv 1708.02002). */
  record Focal() implements Loss {}

  /**
   * One minus a metric of decisions that have a gradient.
   *
   * @param decision what takes the place of the decided class
   */
  record Surrogate(Decision decision, Metric metric) implements Loss {}

  /** One minus the mean average precision, the order of scores smoothed (arXiv 2007.12163). */
  record SmoothAp() implements Loss {}

  /**
   * One minus the metric itself, its gradient estimated by draws (arXiv 1612.00563).
   *
   * @param samples draws a step, at least 1
   */
  record Reinforce(Metric metric, int samples) implements Loss {

    public Reinforce {
      if (samples < 1 || samples > 1024) {
        throw new IllegalArgumentException(
            "samples is %d; it must be from 1 to 1024".formatted(samples));
      }
    }
  }

  /** Whether the losses of rows add up, so that a step need not have all of them at once. */
  default boolean addsUp() {
    return switch (this) {
      case CrossEntropy(), Focal() -> true;
      case Surrogate(Decision _, Metric _), SmoothAp(), Reinforce(Metric _, int _) -> false;
    };
  }

  /** Whether it has a temperature. */
  default boolean hasTemperature() {
    return switch (this) {
      case Surrogate(Decision _, Metric _), SmoothAp() -> true;
      case CrossEntropy(), Focal(), Reinforce(Metric _, int _) -> false;
    };
  }

  /**
   * Files that define {@code loss_slope}, to be compiled with a network or alone. Of files that
   * several parts bring, one is enough: records are equal.
   */
  default List<KernelSource> kernels() {
    return switch (this) {
      case CrossEntropy() -> KernelFiles.of("setting.py", "rows.py", "cross_entropy.py");
      case Focal() -> KernelFiles.of("setting.py", "rows.py", "differentiated.py", "focal.py");
      case Surrogate(Decision decision, Metric metric) ->
          Stream.of(
                  KernelFiles.of(
                      "setting.py", "rows.py", "differentiated.py", "decided.py", "smooth.py"),
                  decision.kernels(),
                  metric.kernels())
              .flatMap(List::stream)
              .distinct()
              .toList();
      case SmoothAp() ->
          KernelFiles.of("setting.py", "rows.py", "differentiated.py", "smooth_ap.py");
      case Reinforce(Metric metric, int _) ->
          Stream.of(
                  KernelFiles.of(
                      "setting.py", "rows.py", "differentiated.py", "reinforce.py", "gumbel.py"),
                  List.of(Draws.kernel()),
                  metric.kernels())
              .flatMap(List::stream)
              .distinct()
              .toList();
    };
  }

  /** The class that a binary metric is of, 0 for others. */
  default int positiveClass() {
    return switch (this) {
      case Surrogate(Decision _, Metric metric) -> metric.classes().positiveClass();
      case Reinforce(Metric metric, int _) -> metric.classes().positiveClass();
      case CrossEntropy(), Focal(), SmoothAp() -> 0;
    };
  }

  /**
   * Checks that the class of a binary metric is one of so many.
   *
   * @throws IllegalArgumentException if it is none
   */
  default void requireClasses(long classes) {
    if (positiveClass() >= classes) {
      throw new IllegalArgumentException(
          "positive is %d; classes are from 0 to %d".formatted(positiveClass(), classes - 1));
    }
  }

  /**
   * What {@code loss_slope} takes as its setting.
   *
   * @param temperature factor of the logits
   * @param total sum of the weights of all rows of the step
   */
  default KernelTuple setting(double temperature, double total) {
    Metric metric =
        switch (this) {
          case Surrogate(Decision _, Metric of) -> of;
          case Reinforce(Metric of, int _) -> of;
          case CrossEntropy(), Focal(), SmoothAp() -> new Metric.Accuracy();
        };
    double alpha = metric instanceof Metric.Tversky tversky ? tversky.alpha() : 0.5;
    double beta = metric instanceof Metric.Tversky tversky ? tversky.beta() : 0.5;
    return new KernelTuple("LossSetting")
        .real("temperature", temperature)
        .real("total", total)
        .number("samples", this instanceof Reinforce reinforce ? reinforce.samples() : 0)
        .number("positive", positiveClass())
        .real("alpha", alpha)
        .real("beta", beta);
  }
}
