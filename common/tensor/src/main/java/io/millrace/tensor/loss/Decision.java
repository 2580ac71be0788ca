package io.millrace.tensor.loss;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.random.Draws;
import java.util.List;

/** What of a row of logits takes the place of the class that is decided on. */
public enum Decision {
  /** Probabilities. */
  SOFT("soft", List.of("soft.py")),
  /** The highest class, with the gradient of the probabilities. */
  STRAIGHT_THROUGH("straight_through", List.of("straight_through.py")),
  /** Probabilities of logits with Gumbel noise: smoothed draws, others in every step. */
  GUMBEL("gumbel", List.of("gumbel_softmax.py", "gumbel.py"));

  private final String prefix;
  private final List<String> files;

  Decision(String prefix, List<String> files) {
    this.prefix = prefix;
    this.files = files;
  }

  /** What names of losses begin with. */
  String prefix() {
    return prefix;
  }

  /** Files that define {@code decisions}. */
  List<KernelSource> kernels() {
    return this == GUMBEL ? KernelFiles.with(files, Draws.kernel()) : KernelFiles.of(files);
  }
}
