package io.millrace.encoder.classify;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tensors of a configuration in the order in which checkpoints and optimizer keep them, and the
 * Network of {@code classifier.py} that they make.
 *
 * @param specs the tensors in order
 * @param network what kernels take for them, by their places in that order
 * @param sources how many of them are the source's, the first ones
 * @param moving names of those that move with what is seen, not by gradient
 */
record ClassifierLayout(
    List<ParameterSpec> specs, KernelTuple network, int sources, List<String> moving) {

  static ClassifierLayout of(ClassifierConfig config) {
    ClassifierInput input = config.input();
    NetworkWeights weights = new NetworkWeights(input.style());
    KernelTuple network = new KernelTuple("Network").part("source", input.tuple(weights));
    int own = weights.specs().size();
    if (!input.learns()) {
      network.part("statistics", Standardisation.tuple(weights, input.width()));
    }
    network.part("head", config.head().tuple(weights, input.width(), config.classes().size()));
    List<ParameterSpec> specs = new ArrayList<>(weights.specs());
    if (!input.learns()) {
      // An encoder that is frozen has no gradients and no optimizer's state.
      specs.subList(0, own).replaceAll(ClassifierLayout::frozen);
    }
    network.tensors(
        "learned",
        IntStream.range(0, specs.size())
            .filter(place -> specs.get(place).group().learned())
            .boxed()
            .toList());
    List<String> moving = input.learns() ? List.of() : Standardisation.NAMES;
    return new ClassifierLayout(List.copyOf(specs), network, own, moving);
  }

  private static ParameterSpec frozen(ParameterSpec spec) {
    return new ParameterSpec(spec.name(), spec.shape(), spec.init(), ParameterGroup.BUFFER);
  }

  /** The tensors of what makes features. */
  List<ParameterSpec> source() {
    return specs.subList(0, sources);
  }

  /** Values of all weights, frozen ones too, without statistics. */
  long parameters() {
    return specs.stream()
        .filter(spec -> !moving.contains(spec.name()))
        .mapToLong(ParameterSpec::count)
        .sum();
  }
}
