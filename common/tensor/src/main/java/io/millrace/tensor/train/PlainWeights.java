package io.millrace.tensor.train;

import ai.djl.ndarray.NDArray;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights as a file with one tensor a parameter, under the parameter's name. */
final class PlainWeights {

  private PlainWeights() {}

  static void write(Path file, ParameterStore weights, Map<String, NDArray> averages) {
    Map<String, NDArray> values = new LinkedHashMap<>(weights.asMap());
    values.putAll(averages);
    SafetensorsWriter.write(file, values, Map.of());
  }

  static void readLearned(Path file, ParameterStore weights, FlatTensors learned)
      throws IOException {
    TrainingFolder.read(
        file,
        tensors -> {
          weights.weights().requireFit(tensors.tensors(), TensorInfo::shape, "");
          learned.copyFrom(tensors, "");
        });
  }
}
