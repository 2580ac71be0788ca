package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.HeadInput;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.Upsampling;
import java.util.Iterator;
import java.util.List;

/**
 * The tensors of a configuration in the order in which checkpoints and optimizer keep them, and the
 * Network of {@code detector.py} that they make.
 *
 * @param specs the tensors in order
 * @param network what kernels take for them, by their places in that order
 * @param layers places of those whose number format follows from the products of layers
 */
record DetectorLayout(List<ParameterSpec> specs, KernelTuple network, List<Integer> layers) {

  /** Of a configuration, whose parts fit together. */
  static DetectorLayout of(DetectorConfig config) {
    return of(
        config.layers(),
        config.backbone(),
        config.neck(),
        config.head(),
        config.upsampling(),
        config.classes().size(),
        config.inputWidth(),
        config.inputHeight());
  }

  /**
   * Of parts.
   *
   * @throws IllegalArgumentException if they do not fit together
   */
  static DetectorLayout of(
      LayerStyle layers,
      Backbone backbone,
      Neck neck,
      Head head,
      Upsampling upsampling,
      int classes,
      int inputWidth,
      int inputHeight) {
    NetworkWeights weights = new NetworkWeights(layers);
    List<Level> maps = DetectorConfig.maps(backbone, upsampling);
    HeadInput input = new HeadInput(neck.levels(maps), classes, inputWidth, inputHeight);
    KernelTuple network =
        new KernelTuple("Network")
            .part("backbone", backbone.tuple(weights))
            .part("neck", neck.tuple(weights, maps))
            .part("head", head.tuple(weights, input))
            .part("upsampler", upsampling.tuple(weights))
            .tensors("learned", weights.learned());
    return new DetectorLayout(weights.specs(), network, weights.layers());
  }

  /** Those tensors of a store that are not learned by gradient; they belong to it. */
  NDList statistics(ParameterStore weights) {
    NDList statistics = new NDList();
    for (ParameterSpec spec : specs) {
      if (!spec.group().learned()) {
        statistics.add(weights.get(spec.name()));
      }
    }
    return statistics;
  }

  /** Those of {@link #layers()}; they belong to the store. */
  NDList layerWeights(ParameterStore weights) {
    NDList all = weights.tensors();
    NDList some = new NDList();
    layers.forEach(place -> some.add(all.get(place)));
    return some;
  }

  /**
   * All tensors in order.
   *
   * @param learned in the order of those that are
   * @param statistics in the order of those that are not
   */
  NDList ordered(NDList learned, NDList statistics) {
    Iterator<NDArray> nextLearned = learned.iterator();
    Iterator<NDArray> nextStatistic = statistics.iterator();
    NDList all = new NDList();
    for (ParameterSpec spec : specs) {
      all.add(spec.group().learned() ? nextLearned.next() : nextStatistic.next());
    }
    return all;
  }

  /** Puts others in the places of {@link #layers()}, or none. */
  void putLayers(NDList tensors, NDList others) {
    for (int i = 0; i < others.size(); i++) {
      tensors.set(layers.get(i), others.get(i));
    }
  }
}
