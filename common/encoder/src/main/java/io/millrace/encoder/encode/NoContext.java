package io.millrace.encoder.encode;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/** What follows a place is predicted from the place alone. */
public record NoContext() implements Context {

  @Override
  public int width(Encoder encoder) {
    return encoder.width();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(NoContext.class, "no_context.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, Encoder encoder) {
    return new KernelTuple("Context").number("width", encoder.width());
  }
}
