package io.millrace.tensor.activation;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An activation and its derivative at some places, by the kernel that networks run and by autograd.
 * A learned slope is what it is before it has learned anything.
 *
 * @param x places
 * @param values at these
 * @param derivatives at these; where there are two, the one that training takes
 */
public record ActivationCurve(
    Activation activation, List<Double> x, List<Double> values, List<Double> derivatives) {

  public ActivationCurve {
    x = List.copyOf(x);
    values = List.copyOf(values);
    derivatives = List.copyOf(derivatives);
  }

  /** The activation at these places, in float64. */
  public static ActivationCurve of(TensorEngine engine, Activation activation, double... x) {
    // All of them in one archive: each would keep 10 MiB of its own.
    Kernels kernels = Kernels.shared(engine, all());
    try (NDManager manager = engine.newManager()) {
      NDList found =
          kernels.runRecording(
              manager,
              "curve_" + function(activation),
              manager.create(x),
              manager.create(new double[] {activation.firstSlope()}));
      return new ActivationCurve(
          activation,
          boxed(x),
          boxed(found.get(0).toDoubleArray()),
          boxed(found.get(1).toDoubleArray()));
    }
  }

  private static List<KernelSource> all() {
    List<KernelSource> sources = new ArrayList<>();
    for (Activation one : Activation.values()) {
      sources.add(one.kernel(function(one)));
      sources.add(
          new KernelSource(
              "curve of " + one.key(),
              """
              def curve_%1$s(x_N: Tensor, slope: Tensor) -> Tuple[Tensor, Tensor]:
                  leaf_N = torch.requires_grad_(torch.detach(x_N))
                  y_N = %1$s(leaf_N, slope)
                  return torch.detach(y_N), derivative(y_N, leaf_N)
              """
                  .formatted(function(one))));
    }
    sources.add(KernelSource.of(ActivationCurve.class, "curve.py"));
    return sources;
  }

  private static String function(Activation activation) {
    return "activation_" + activation.ordinal();
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
