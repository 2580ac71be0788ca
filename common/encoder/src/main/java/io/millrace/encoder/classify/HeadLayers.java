package io.millrace.encoder.classify;

import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.random.Draws;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;

/** The layers of {@code head.py}. */
record HeadLayers(NetworkWeights weights, Activation activation) {

  static List<KernelSource> kernels(Activation activation) {
    return List.of(
        KernelSource.of(HeadLayers.class, "head.py"),
        activation.kernel("activate_hidden"),
        Draws.kernel());
  }

  /**
   * A Head. A linear one begins at zero, where all classes are as likely; behind hidden layers that
   * would keep the first gradient from them.
   */
  KernelTuple head(
      List<ClassifierHead.Layer> hidden, int width, int classes, boolean bias, double dropout) {
    List<KernelTuple> dense = new ArrayList<>();
    int from = width;
    for (ClassifierHead.Layer layer : hidden) {
      String name = "head.layer" + dense.size();
      KernelTuple tuple = dense(name, from, layer.width(), layer.bias(), Initializer.he(from));
      if (activation.hasSlope()) {
        Initializer slope = new Initializer.Constant(activation.firstSlope());
        tuple.tensor("slope", weights.vector(name + ".slope", slope, 1));
      }
      dense.add(tuple);
      from = layer.width();
    }
    Initializer first =
        hidden.isEmpty() ? new Initializer.Zeros() : new Initializer.Normal(Math.sqrt(1.0 / from));
    return new KernelTuple("Head")
        .parts("hidden", dense)
        .part("last", dense("head.last", from, classes, bias, first))
        .real("dropout", dropout);
  }

  private KernelTuple dense(String name, int from, int to, boolean bias, Initializer first) {
    KernelTuple tuple =
        new KernelTuple("Dense")
            .tensor("weight_OI", weights.matrix(name + ".weight", first, to, from));
    if (bias) {
      tuple.tensor("bias_O", weights.vector(name + ".bias", new Initializer.Zeros(), to));
    }
    return tuple;
  }
}
