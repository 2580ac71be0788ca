package io.millrace.vision.detector;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.HeadInput;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/**
 * The tensors of a configuration in the order in which checkpoints and optimizer keep them, and the
 * Network of {@code detector.py} that they make.
 *
 * @param specs the tensors in order
 * @param network what kernels take for them, by their places in that order
 */
record DetectorLayout(List<ParameterSpec> specs, KernelTuple network) {

  /** Of a configuration, whose parts fit together. */
  static DetectorLayout of(DetectorConfig config) {
    return of(
        config.layers(),
        config.backbone(),
        config.neck(),
        config.head(),
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
      int classes,
      int inputWidth,
      int inputHeight) {
    NetworkWeights weights = new NetworkWeights(layers);
    List<Level> maps = backbone.levels();
    HeadInput input = new HeadInput(neck.levels(maps), classes, inputWidth, inputHeight);
    KernelTuple network =
        new KernelTuple("Network")
            .part("backbone", backbone.tuple(weights))
            .part("neck", neck.tuple(weights, maps))
            .part("head", head.tuple(weights, input))
            .tensors("learned", weights.learned());
    return new DetectorLayout(weights.specs(), network);
  }
}
