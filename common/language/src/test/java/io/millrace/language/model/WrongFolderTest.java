package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.interchange.HuggingFaceFolder;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hostile and wrong model folders: the error names file, tensor, expected and found. */
class WrongFolderTest {

  private static final String ROUTER = "model.layers.1.mlp.gate.weight";

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void theFolderIsReadAsItIs() throws Exception {
    refresh();
    ModelFolder.load(engine, directory).close();
  }

  @Test
  void refusesTensorsThatAreNotThoseOfTheConfiguration() throws Exception {
    weights((tensors, manager) -> tensors.remove(ROUTER));
    refused("tensor " + ROUTER + " is missing, expected with shape (8, 24)");
    weights((tensors, manager) -> tensors.put(ROUTER, manager.zeros(new Shape(24, 8))));
    refused("tensor " + ROUTER + " has shape (24, 8), expected (8, 24) as config.json says");
    weights((tensors, manager) ->
        tensors.put(ROUTER, manager.zeros(new Shape(8, 24)).toType(DataType.INT32, false)));
    refused("tensor " + ROUTER + " has type I32, expected F32");
    weights((tensors, manager) -> tensors.put("model.spare", manager.zeros(new Shape(3))));
    refused("tensor model.spare is there, expected only those of the model of config.json");
  }

  @Test
  void refusesBrokenFiles() throws Exception {
    file(bytes -> Arrays.copyOf(bytes, bytes.length - 10));
    refused(
        "is not a valid safetensors file: tensor 'model.norm.weight' ends at byte 51312 behind the"
            + " header, but only 51302 follow it");
    file(bytes -> Arrays.copyOf(bytes, 5));
    refused("it has 5 bytes, not even a header's length");
    file(bytes -> {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE);
      return bytes;
    });
    refused("its header should have 9223372036854775807 bytes");
    file(bytes -> {
      bytes[8] = '!';
      return bytes;
    });
    refused("the header does not begin with '{'");
    file(bytes ->
        headed(
            "{\"%s\":{\"dtype\":\"F32\",\"shape\":[1099511627776,1048576],\"data_offsets\":[0,4]}}"
                .formatted(ROUTER)));
    refused(ROUTER);
    file(bytes -> headed("{\"a\":".repeat(100_000)));
    refused("is not a valid safetensors file");
    Files.delete(directory.resolve(ModelFolder.WEIGHTS));
    assertThatThrownBy(() -> ModelFolder.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory.resolve(ModelFolder.WEIGHTS).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "\"num_hidden_layers\": 2 ; \"num_hidden_layers\": 3 ; model.layers.2.input_layernorm.weight is missing",
        "\"num_hidden_layers\": 2 ; \"num_hidden_layers\": 1 ; tensor model.layers.1.",
        "\"n_routed_experts\": 8 ; \"n_routed_experts\": 12 ; mlp.gate.weight has shape (8, 24), expected (12, 24)",
        "\"moe_intermediate_size\": 8 ; \"moe_intermediate_size\": 9 ; gate_proj.weight has shape (8, 24), expected (9, 24)",
        "\"q_lora_rank\": 12 ; \"q_lora_rank\": null ; self_attn.q_proj.weight is missing",
        "\"first_k_dense_replace\": 1 ; \"first_k_dense_replace\": 0 ; tensor model.layers.0.mlp.gate.weight is missing",
        "\"tie_word_embeddings\": false ; \"tie_word_embeddings\": true ; lm_head.weight is there",
        "\"num_nextn_predict_layers\": 0 ; \"num_nextn_predict_layers\": 1 ; model.layers.2.enorm.weight is missing",
        // Would need 64 TiB, wrap an int or make a list of two thousand million names.
        "\"vocab_size\": 40 ; \"vocab_size\": 16777216 ; embed_tokens.weight has shape (40, 24), expected (16777216, 24)",
        "\"intermediate_size\": 32 ; \"intermediate_size\": 1500000000 ; intermediate_size must be at most 1048576",
        "\"num_hidden_layers\": 2 ; \"num_hidden_layers\": 2000000000 ; num_hidden_layers must be at most 1000",
        "\"n_routed_experts\": 8 ; \"n_routed_experts\": 2000000000 ; n_routed_experts must be at most 16384",
        "\"num_attention_heads\": 2 ; \"num_attention_heads\": 99999999999 ; config.json",
        "\"hidden_size\": 24 ; \"hidden_size\": -24 ; hidden_size must be positive, it is -24",
        "\"kv_lora_rank\": 10 ; \"kv_lora_rank\": 10.5 ; config.json",
        "\"kv_lora_rank\": 10 ; \"kv_lora_rank\": \"10\" ; config.json",
        "\"rms_norm_eps\": 1e-06 ; \"rms_norm_eps\": NaN ; config.json"
      })
  void refusesAConfigurationThatContradictsItsTensors(String from, String to, String reason)
      throws Exception {
    refresh();
    Path file = directory.resolve("config.json");
    String json = Files.readString(file);
    assertThat(json).contains(from.strip());
    Files.writeString(file, json.replace(from.strip(), to.strip()));
    refused(reason.strip());
  }

  /** That file may be good, and be read another time. */
  @Test
  void tellsAFaultOfTheFileSystemFromAWrongFile() throws Exception {
    Path unreadable = Path.of("/sys/bus/platform/drivers_probe");
    assumeTrue(Files.isRegularFile(unreadable), "no file that nobody may read");
    refresh();
    Path weights = directory.resolve(ModelFolder.WEIGHTS);
    Files.delete(weights);
    Files.createSymbolicLink(weights, unreadable);

    for (ThrowingCallable load :
        List.<ThrowingCallable>of(
            () -> ModelFolder.load(engine, directory),
            () -> HuggingFaceFolder.load(engine, directory))) {
      assertThatThrownBy(load)
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining(weights.toString());
    }
  }

  private void refused(String reason) {
    assertThatThrownBy(() -> ModelFolder.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(reason);
  }

  private void weights(BiConsumer<Map<String, NDArray>, NDManager> change) throws Exception {
    refresh();
    Path file = directory.resolve(ModelFolder.WEIGHTS);
    try (NDManager manager = engine.newManager()) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      try (SafetensorsFile found = SafetensorsFile.open(file)) {
        tensors.putAll(found.loadAll(manager));
      }
      change.accept(tensors, manager);
      SafetensorsWriter.write(file, tensors, Map.of());
    }
  }

  private void file(UnaryOperator<byte[]> change) throws Exception {
    refresh();
    Path file = directory.resolve(ModelFolder.WEIGHTS);
    Files.write(file, change.apply(Files.readAllBytes(file)));
  }

  private static byte[] headed(String json) {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + header.length + 4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  /** The golden folder without changes. */
  private void refresh() throws IOException, URISyntaxException {
    Path golden =
        Path.of(
                Objects.requireNonNull(
                        WrongFolderTest.class.getResource("golden/compressed-grouped/config.json"))
                    .toURI())
            .resolveSibling("");
    for (String name : new String[] {"config.json", ModelFolder.WEIGHTS}) {
      Files.write(directory.resolve(name), Files.readAllBytes(golden.resolve(name)));
    }
  }
}
