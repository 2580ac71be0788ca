package io.millrace.vision.network;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gives every weight its place while a network is described: in the order of checkpoints and
 * optimizer state, and by name in the NamedTuples of the kernels.
 */
public final class NetworkWeights {

  private static final double MOMENTUM = 0.1;

  private final List<ParameterSpec> specs = new ArrayList<>();
  private final List<Integer> layers = new ArrayList<>();
  private final LayerStyle style;

  /** Of a network whose layers have this style. */
  public NetworkWeights(LayerStyle style) {
    this.style = style;
  }

  /** What all layers have in common. */
  public LayerStyle style() {
    return style;
  }

  /** The tensors in order. */
  public List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** The places of those that learn, in order. */
  public List<Integer> learned() {
    return IntStream.range(0, specs.size())
        .filter(place -> specs.get(place).group().learned())
        .boxed()
        .toList();
  }

  /** The places of those that {@link Products} take: of layers, without their norms. */
  public List<Integer> layers() {
    return List.copyOf(layers);
  }

  /** A Conv of {@code layers.py} in the network's style: normalised, and with a slope if needed. */
  public KernelTuple conv(String name, Convolution shape) {
    return withSlope(name, normalised(name + ".conv", name + ".norm", shape));
  }

  /** The same, whose convolution and norm have names of their own. */
  public KernelTuple conv(String conv, String norm, Convolution shape) {
    return withSlope(conv, normalised(conv, norm, shape));
  }

  /** The same without an activation. */
  public KernelTuple normalised(String conv, String norm, Convolution shape) {
    style.requireWidth(shape.to());
    KernelTuple tuple = bare(conv, shape, Initializer.he(shape.fanIn()));
    if (style.norm() == Norm.NONE || style.bias()) {
      tuple.tensor("bias_O", layer(vector(conv + ".bias", new Initializer.Zeros(), shape.to())));
    }
    if (style.norm() != Norm.NONE) {
      tuple.part("norm", norm(norm, shape.to()));
    }
    return tuple;
  }

  private KernelTuple withSlope(String name, KernelTuple tuple) {
    if (style.activation().hasSlope()) {
      tuple.tensor(
          "slope",
          layer(
              vector(
                  name + ".slope", new Initializer.Constant(style.activation().firstSlope()), 1)));
    }
    return tuple;
  }

  /** A Conv of {@code layers.py} with a bias alone. */
  public KernelTuple biased(String name, Convolution shape, Initializer first, double bias) {
    return bare(name, shape, first)
        .tensor(
            "bias_O", layer(vector(name + ".bias", new Initializer.Constant(bias), shape.to())));
  }

  /** A Linear of {@code layers.py} in the network's style, which never normalises it. */
  public KernelTuple linear(String name, int from, int to) {
    return withSlope(name, linear(name, from, to, Initializer.he(from)));
  }

  /** A Linear of {@code layers.py} without activation. */
  public KernelTuple linear(String name, int from, int to, Initializer first) {
    return new KernelTuple("Linear")
        .tensor("weight_OI", layer(matrix(name + ".weight", first, to, from)))
        .tensor("bias_O", layer(vector(name + ".bias", new Initializer.Zeros(), to)));
  }

  private KernelTuple bare(String name, Convolution shape, Initializer first) {
    int weight =
        matrix(name + ".weight", first, shape.to(), shape.from(), shape.side(), shape.side());
    return new KernelTuple("Conv")
        .tensor("weight_OIkk", layer(weight))
        .number("stride", shape.stride())
        .number("padding", shape.padding())
        .number("dilation", shape.dilation());
  }

  private int layer(int place) {
    layers.add(place);
    return place;
  }

  private KernelTuple norm(String name, int channels) {
    KernelTuple norm =
        new KernelTuple("Norm")
            .tensor("scale_O", vector(name + ".weight", new Initializer.Ones(), channels))
            .tensor("shift_O", vector(name + ".bias", new Initializer.Zeros(), channels))
            .number("group", style.groupSize())
            .real("momentum", style.norm() == Norm.BATCH ? MOMENTUM : 0);
    if (style.norm().hasStatistics()) {
      norm.tensor("mean_O", buffer(name + ".running_mean", new Initializer.Zeros(), channels))
          .tensor("variance_O", buffer(name + ".running_var", new Initializer.Ones(), channels));
    }
    return norm;
  }

  /** A learned tensor with weight decay; its place. */
  public int matrix(String name, Initializer first, long... shape) {
    return add(name, first, ParameterGroup.DECAY, shape);
  }

  /** A learned tensor without weight decay; its place. */
  public int vector(String name, Initializer first, long... shape) {
    return add(name, first, ParameterGroup.NO_DECAY, shape);
  }

  /** A tensor that is not learned by gradient; its place. */
  public int buffer(String name, Initializer first, long... shape) {
    return add(name, first, ParameterGroup.BUFFER, shape);
  }

  private int add(String name, Initializer first, ParameterGroup group, long... shape) {
    return add(new ParameterSpec(name, new Shape(shape), first, group));
  }

  /** Any tensor, of a part that is described elsewhere; its place. */
  public int add(ParameterSpec spec) {
    specs.add(spec);
    return specs.size() - 1;
  }
}
