package io.millrace.vision.detector.match;

import io.millrace.tensor.kernel.KernelSource;

/** Kernel files that heads share; each needs those before it. */
public final class MatchKernels {

  private MatchKernels() {}

  /** Areas, overlaps and deltas of boxes. */
  public static KernelSource boxes() {
    return KernelSource.of(MatchKernels.class, "boxes.py");
  }

  /** The anchors of maps. */
  public static KernelSource anchors() {
    return KernelSource.of(MatchKernels.class, "anchors.py");
  }

  /** {@code matches}: which anchor learns which object. */
  public static KernelSource matching() {
    return KernelSource.of(MatchKernels.class, "matching.py");
  }
}
