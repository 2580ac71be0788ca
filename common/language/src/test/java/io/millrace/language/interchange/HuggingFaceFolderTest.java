package io.millrace.language.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of transformers, made by imports.py, and what can be wrong with one. */
class HuggingFaceFolderTest {

  private static final String DOWN = "model.layers.0.mlp.down_proj.weight";
  private static final String SCALE = DOWN + "_scale_inv";

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @ValueSource(strings = {"bf16-shards", "f16", "fused", "fp8"})
  void givesTheLogitsOfTransformers(String name) throws Exception {
    Path folder = golden(name);
    try (NDManager manager = engine.newManager();
        SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"));
        Decoder decoder = HuggingFaceFolder.load(engine, folder)) {
      // transformers writes the key with 1 although it keeps no MTP module.
      assertThat(decoder.config().numNextnPredictLayers()).isZero();
      int[] ids = expected.load(manager, "ids").toIntArray();
      assertThat(
              ExportedModels.largestDifference(
                  ExportedModels.logits(manager, decoder, ids), expected.load(manager, "logits")))
          .isLessThan(ExportedModels.ROUNDING);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bf16-shards", "f16", "fused"})
  void readsEqualTensors(String name) throws Exception {
    Path folder = golden(name);
    try (NDManager manager = engine.newManager();
        SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"));
        Decoder decoder = HuggingFaceFolder.load(engine, folder)) {
      Map<String, NDArray> ours = new LinkedHashMap<>(decoder.weights().asMap());
      ours.putAll(ModelFolder.tensors(decoder, manager));
      int compared = 0;
      for (String tensor : expected.tensors().keySet()) {
        if (tensor.startsWith("tensor.")) {
          assertThat(ours).containsKey(tensor.substring("tensor.".length()));
          assertThat(ours.get(tensor.substring("tensor.".length())))
              .isEqualTo(expected.load(manager, tensor));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(20);
    }
  }

  @Test
  void namesWhatIsWrong() throws Exception {
    refused(
        "fp8",
        (tensors, manager) -> tensors.remove(DOWN),
        "model.safetensors: tensor " + DOWN + " is missing, expected with shape (132, 140)");
    refused(
        "fp8",
        (tensors, manager) -> tensors.put(DOWN, manager.zeros(shape(132, 139))),
        "tensor " + DOWN + " has shape (132, 139), expected (132, 140) as config.json says");
    refused(
        "fp8",
        (tensors, manager) -> tensors.put(SCALE, manager.zeros(shape(1, 2))),
        "tensor " + SCALE + " has shape (1, 2), expected (2, 2)");
    refused(
        "fp8",
        (tensors, manager) -> tensors.remove(SCALE),
        "tensor " + DOWN + " is F8_E4M3, expected its scales in " + SCALE + ", found none");
    refused(
        "fp8",
        (tensors, manager) ->
            tensors.put(SCALE, manager.ones(shape(2, 2)).toType(DataType.INT32, false)),
        "tensor " + SCALE + " has type I32, expected F32, BF16, F16 or F64");
    refused(
        "f16",
        (tensors, manager) -> tensors.put(SCALE, manager.ones(shape(1, 1))),
        "tensor " + DOWN + " is F16, expected F8_E4M3, because there are scales of it in " + SCALE);
    refused(
        "fused",
        (tensors, manager) -> tensors.put("a\n\u001b[31mb", manager.zeros(shape(1))),
        "tensor a\\u000a\\u001b[31mb is there, expected only those of the model");
    refused(
        "fused",
        (tensors, manager) -> tensors.put("model.layers.0.extra", manager.zeros(shape(1))),
        "tensor model.layers.0.extra is there, expected only those of the model");
    refused(
        "fused",
        (tensors, manager) -> tensors.put("lm_head.weight", manager.zeros(shape(40, 24))),
        "tensor lm_head.weight has values of its own, expected a copy of model.embed_tokens.weight");
    refused(
        "fused",
        (tensors, manager) ->
            tensors.put("model.layers.1.mlp.experts.0.up_proj.weight", manager.zeros(shape(8, 24))),
        "expected nothing of it beside model.layers.1.mlp.experts.gate_up_proj");
    refused(
        "f16",
        (tensors, manager) ->
            tensors.put(DOWN, manager.zeros(shape(24, 32)).toType(DataType.INT32, false)),
        "tensor " + DOWN + " has type I32, expected a floating point type");
    refused(
        "f16",
        (tensors, manager) -> tensors.put("model.layers.2.enorm.weight", manager.zeros(shape(24))),
        "is missing, expected with shape");
  }

  @Test
  void namesWhatIsWrongWithShards() throws Exception {
    Path folder = copy("bf16-shards");
    Path index = folder.resolve(Shards.INDEX);
    String json = Files.readString(index);
    Files.writeString(index, json.replace("model-00001-of-00003", "../../etc/passwd"));
    refused(folder, index + ": tensor lm_head.weight is said to be in");
    Files.writeString(index, json.replace("model-00001-of-00003", "model-00009-of-00003"));
    refused(folder, "model-00009-of-00003.safetensors");
    Files.writeString(index, json.replace("model-00001-of-00003", "model-00002-of-00003"));
    refused(folder, "model-00002-of-00003.safetensors: tensor lm_head.weight is missing");
    Files.writeString(index, json.replace("\"lm_head.weight\"", "\"lm_head.bias\""));
    refused(folder, "tensor lm_head.bias is missing");
    Files.writeString(index, "{\"weight_map\": {}}");
    refused(folder, "has no weight_map");
    Files.writeString(index, json);
    Path shard = folder.resolve("model-00002-of-00003.safetensors");
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(whole, whole.length - 10));
    refused(
        folder,
        shard
            + " is not a valid safetensors file: tensor"
            + " 'model.layers.1.mlp.experts.7.gate_proj.weight' ends at byte 8040 behind the header,"
            + " but only 8030 follow it");
    Files.delete(shard);
    refused(folder, shard.toString());
    Files.delete(index);
    refused(folder, "there is neither this file nor model.safetensors.index.json");
  }

  private void refused(String name, BiConsumer<Map<String, NDArray>, NDManager> change, String why)
      throws Exception {
    Path folder = copy(name);
    Path file = folder.resolve("model.safetensors");
    try (NDManager manager = engine.newManager()) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      try (SafetensorsFile found = SafetensorsFile.open(file)) {
        for (String tensor : found.tensors().keySet()) {
          tensors.put(tensor, found.loadStored(manager, tensor));
        }
      }
      change.accept(tensors, manager);
      SafetensorsWriter.write(file, tensors, Map.of());
    }
    refused(folder, why);
  }

  private void refused(Path folder, String why) {
    assertThatThrownBy(() -> HuggingFaceFolder.load(engine, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why)
        .hasMessageContaining(folder.toString());
  }

  private Path copy(String name) throws Exception {
    Path folder = Files.createTempDirectory(directory, name);
    try (Stream<Path> files = Files.list(golden(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
      }
    }
    return folder;
  }

  private static Shape shape(long... sizes) {
    return new Shape(sizes);
  }

  private static Path golden(String name) throws URISyntaxException {
    return Path.of(
            Objects.requireNonNull(HuggingFaceFolderTest.class.getResource(name + "/config.json"))
                .toURI())
        .resolveSibling("");
  }
}
