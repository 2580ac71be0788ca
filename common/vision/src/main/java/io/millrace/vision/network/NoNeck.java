package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import java.util.List;

/**
 * Maps of the backbone as they are.
 *
 * @param strides of the maps that are taken, rising
 */
public record NoNeck(List<Integer> strides) implements Neck {

  public NoNeck {
    strides = List.copyOf(strides);
    Limits.require(!strides.isEmpty(), "neck none takes no map: strides is empty");
    for (int i = 1; i < strides.size(); i++) {
      Limits.require(strides.get(i - 1) < strides.get(i), "strides %s do not rise", strides);
    }
  }

  @Override
  public List<Level> levels(List<Level> backbone) {
    return places(backbone).stream().map(backbone::get).toList();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(NoNeck.class, "no_neck.py"));
  }

  @Override
  public List<Way> ways(List<Level> backbone) {
    return places(backbone).stream().map(place -> new Way(place, List.of())).toList();
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, List<Level> backbone) {
    return new KernelTuple("Neck").numbers("chosen", places(backbone));
  }

  private List<Integer> places(List<Level> backbone) {
    List<Integer> known = backbone.stream().map(Level::stride).toList();
    for (int stride : strides) {
      Limits.require(
          known.contains(stride),
          "neck none takes a map of stride %s, the backbone has those of %s",
          stride,
          known);
    }
    Neck.requireCoarsest("none", strides.getLast(), backbone);
    return strides.stream().map(known::indexOf).toList();
  }
}
