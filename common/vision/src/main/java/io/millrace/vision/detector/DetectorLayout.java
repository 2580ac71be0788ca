package io.millrace.vision.detector;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The learned tensors of a configuration in the order in which checkpoints and optimizer keep them,
 * and the Network of {@code detector.py} that they make.
 */
final class DetectorLayout {

  /** A score of 0.1 everywhere at first (CornerNet, Law and Deng 2018; CenterNet's code). */
  private static final double HEAT_BIAS = -2.19;

  private final List<ParameterSpec> specs = new ArrayList<>();
  private final KernelTuple network = new KernelTuple("Network");

  DetectorLayout(DetectorConfig config) {
    List<Integer> widths = config.stageWidths();
    int stages = config.stageBlocks().size();
    network.part("stem", conv("stem", 3, widths.getFirst()));
    List<KernelTuple> downs = new ArrayList<>();
    for (int stage = 1; stage <= stages; stage++) {
      downs.add(stage("stage" + stage, widths.get(stage - 1), widths.get(stage), config, stage));
    }
    for (int stage = 1; stage <= stages; stage++) {
      double deviation = Math.sqrt(1.0 / widths.get(stage));
      downs
          .get(stage - 1)
          .part(
              "lateral",
              pointwise(
                  "neck.lateral" + stage, deviation, 0, widths.get(stage), config.neckWidth()));
    }
    network
        .parts("stages", downs)
        .part("smooth", conv("neck.smooth", config.neckWidth(), config.neckWidth()))
        .part("hidden", conv("head.hidden", config.neckWidth(), config.headWidth()))
        .part("heat", output("head.heat", HEAT_BIAS, config, config.classes().size()))
        .part("box", output("head.box", 0, config, 4))
        .tensors("learned", IntStream.range(0, specs.size()).boxed().toList())
        .number("group", config.groupSize());
  }

  /** The tensors in order. */
  List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** What kernels take for them, by their places in that order. */
  KernelTuple network() {
    return network;
  }

  private KernelTuple stage(String name, int from, int to, DetectorConfig config, int stage) {
    KernelTuple down = new KernelTuple("Stage").part("down", conv(name + ".down", from, to));
    List<KernelTuple> blocks = new ArrayList<>();
    for (int block = 0; block < config.stageBlocks().get(stage - 1); block++) {
      blocks.add(
          new KernelTuple("Residual")
              .part("first", conv(name + ".block" + block + ".first", to, to))
              .part("second", conv(name + ".block" + block + ".second", to, to)));
    }
    return down.parts("blocks", blocks);
  }

  private KernelTuple conv(String name, int from, int to) {
    return new KernelTuple("Conv")
        .tensor(
            "weight_OI33", weight(name + ".conv.weight", Initializer.he(9L * from), to, from, 3, 3))
        .tensor("scale_O", vector(name + ".norm.weight", new Initializer.Ones(), to))
        .tensor("shift_O", vector(name + ".norm.bias", new Initializer.Zeros(), to));
  }

  private KernelTuple output(String name, double bias, DetectorConfig config, int to) {
    return pointwise(name, 0.001, bias, config.headWidth(), to);
  }

  private KernelTuple pointwise(String name, double deviation, double bias, int from, int to) {
    return new KernelTuple("Pointwise")
        .tensor(
            "weight_OI11",
            weight(name + ".weight", new Initializer.Normal(deviation), to, from, 1, 1))
        .tensor("bias_O", vector(name + ".bias", new Initializer.Constant(bias), to));
  }

  private int weight(String name, Initializer init, long... shape) {
    return add(new ParameterSpec(name, new Shape(shape), init, ParameterGroup.DECAY));
  }

  private int vector(String name, Initializer init, long size) {
    return add(new ParameterSpec(name, new Shape(size), init, ParameterGroup.NO_DECAY));
  }

  /** Its place. */
  private int add(ParameterSpec spec) {
    specs.add(spec);
    return specs.size() - 1;
  }
}
