package io.millrace.vision.detector;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/** The learned tensors of a configuration, in the order in which the kernels take them. */
final class DetectorLayout {

  /** A score of 0.1 everywhere at first (CornerNet, Law and Deng 2018; CenterNet's code). */
  private static final double HEAT_BIAS = -2.19;

  private final List<ParameterSpec> specs = new ArrayList<>();

  private DetectorLayout() {}

  static List<ParameterSpec> of(DetectorConfig config) {
    DetectorLayout layout = new DetectorLayout();
    List<Integer> widths = config.stageWidths();
    layout.normalisedConv("stem", 3, widths.getFirst());
    for (int stage = 1; stage < widths.size(); stage++) {
      int width = widths.get(stage);
      String name = "stage" + stage;
      layout.normalisedConv(name + ".down", widths.get(stage - 1), width);
      for (int block = 0; block < config.stageBlocks().get(stage - 1); block++) {
        layout.normalisedConv(name + ".block" + block + ".first", width, width);
        layout.normalisedConv(name + ".block" + block + ".second", width, width);
      }
    }
    for (int stage = 1; stage < widths.size(); stage++) {
      int width = widths.get(stage);
      String name = "neck.lateral" + stage;
      layout.weight(
          name + ".weight",
          new Initializer.Normal(Math.sqrt(1.0 / width)),
          config.neckWidth(),
          width,
          1,
          1);
      layout.vector(name + ".bias", new Initializer.Zeros(), config.neckWidth());
    }
    layout.normalisedConv("neck.smooth", config.neckWidth(), config.neckWidth());
    layout.normalisedConv("head.hidden", config.neckWidth(), config.headWidth());
    layout.output("head.heat", HEAT_BIAS, config.headWidth(), config.classes().size());
    layout.output("head.box", 0, config.headWidth(), 4);
    return List.copyOf(layout.specs);
  }

  private void normalisedConv(String name, int from, int to) {
    weight(name + ".conv.weight", Initializer.he(9L * from), to, from, 3, 3);
    vector(name + ".norm.weight", new Initializer.Ones(), to);
    vector(name + ".norm.bias", new Initializer.Zeros(), to);
  }

  private void output(String name, double bias, int from, int to) {
    weight(name + ".weight", new Initializer.Normal(0.001), to, from, 1, 1);
    vector(name + ".bias", new Initializer.Constant(bias), to);
  }

  private void weight(String name, Initializer init, long... shape) {
    specs.add(new ParameterSpec(name, new Shape(shape), init, ParameterGroup.DECAY));
  }

  private void vector(String name, Initializer init, long size) {
    specs.add(new ParameterSpec(name, new Shape(size), init, ParameterGroup.NO_DECAY));
  }
}
