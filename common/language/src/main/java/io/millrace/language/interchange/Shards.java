package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Weights in one file, or in several with an index that says which tensor is where.
 *
 * @param files tensors by name, file by file
 * @param totalBytes of all tensors
 */
record Shards(List<Map<String, NDArray>> files, long totalBytes) {

  /** The index's name in a model folder. */
  static final String INDEX = "model.safetensors.index.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Fills files with tensors in their order.
   *
   * @param stored how each tensor is stored, by name
   */
  static Shards split(
      Map<String, NDArray> tensors, Map<String, ElementType> stored, long maxShardBytes) {
    List<Map<String, NDArray>> files = new ArrayList<>();
    Map<String, NDArray> file = new LinkedHashMap<>();
    long inFile = 0;
    long total = 0;
    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
      ElementType type = stored.getOrDefault(tensor.getKey(), ElementType.F32);
      long bytes = tensor.getValue().size() * type.bytes();
      if (!file.isEmpty() && inFile + bytes > maxShardBytes) {
        files.add(file);
        file = new LinkedHashMap<>();
        inFile = 0;
      }
      file.put(tensor.getKey(), tensor.getValue());
      inFile += bytes;
      total += bytes;
    }
    files.add(file);
    return new Shards(List.copyOf(files), total);
  }

  /** Writes the files and, of several, the index. */
  void write(Path directory, Map<String, ElementType> stored) throws IOException {
    if (files.size() == 1) {
      write(directory.resolve(ModelFolder.WEIGHTS), files.getFirst(), stored);
      return;
    }
    ObjectNode index = JSON.createObjectNode();
    index.putObject("metadata").put("total_size", totalBytes);
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < files.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, files.size());
      write(directory.resolve(name), files.get(i), stored);
      files.get(i).keySet().forEach(tensor -> map.put(tensor, name));
    }
    Files.write(directory.resolve(INDEX), JSON.writeValueAsBytes(index));
  }

  private static void write(
      Path file, Map<String, NDArray> tensors, Map<String, ElementType> stored) {
    Map<String, ElementType> own = new HashMap<>(stored);
    own.keySet().retainAll(tensors.keySet());
    SafetensorsWriter.write(file, tensors, Map.of("format", "pt"), own);
  }
}
