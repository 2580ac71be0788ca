package io.millrace.language.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Constraint;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.SpecialTokens;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Exports give the same logits in Hugging Face transformers, which exports.py had load the very
 * bytes that are written here.
 *
 * <p>{@code -Dmillrace.exports=DIR} keeps the folders there, for exports.py.
 */
class HuggingFaceExportTest {

  @TempDir Path scratch;

  private final TensorEngine engine = TensorEngine.start("cpu");

  static Stream<String> models() {
    return ExportedModels.MODELS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("models")
  void transformersGivesTheSameLogits(String name) throws Exception {
    LanguageConfig config = ExportedModels.config(name, scratch);
    String kept = System.getProperty("millrace.exports");
    Path folder = kept == null ? scratch.resolve(name) : Path.of(kept).resolve(name);
    try (Decoder decoder = ExportedModels.decoder(engine, config)) {
      HuggingFaceExport.write(
          engine, decoder, ExportedModels.tokenizer(), folder, ExportedModels.settings(name));
      if (kept != null) {
        return;
      }
      try (NDManager manager = engine.newManager();
          SafetensorsFile expected =
              SafetensorsFile.open(golden("export-" + name + ".safetensors"));
          Decoder again = HuggingFaceFolder.load(engine, folder)) {
        assertThat(digest(folder)).isEqualTo(expected.metadata().get("sha256"));
        int[] ids = expected.load(manager, "ids").toIntArray();
        NDArray theirs = expected.load(manager, "logits");
        for (Decoder ours : List.of(decoder, again)) {
          NDArray logits = ExportedModels.logits(manager, ours, ids);
          assertThat(ExportedModels.largestDifference(logits, theirs))
              .isLessThan(ExportedModels.ROUNDING);
        }
        assertThat(again.config()).isEqualTo(config);
        try (ModelScore score = ModelScore.of(engine, again, ids)) {
          assertThat(score.greedy(8, Constraint.none()))
              .isEqualTo(expected.load(manager, "greedy").toIntArray());
        }
        if (config.numNextnPredictLayers() > 0) {
          NDArray draft = expected.load(manager, "mtp");
          NDArray ours =
              again
                  .call(manager, false, "logits", manager.create(ids), new long[] {0, ids.length})
                  .get(1)
                  .get(new NDIndex().addSliceDim(0, ids.length - 1));
          assertThat(ExportedModels.largestDifference(ours, draft))
              .isLessThan(ExportedModels.ROUNDING);
        }
      }
    }
  }

  @Test
  void transformersTokenizesAlike() throws Exception {
    assumeTrue(System.getProperty("millrace.exports") == null, "exports.py has not run yet");
    JsonNode theirs = JsonMapper.shared().readTree(Files.readAllBytes(golden("exports.json")));
    Tokenizer tokenizer = ExportedModels.tokenizer().beginningWith(0);
    String text = theirs.path("text").asString();
    assertThat(theirs.path("bos").asString()).isEqualTo(SpecialTokens.END_OF_TEXT);
    assertThat(theirs.path("eos").asInt()).isZero();
    assertThat(theirs.path("generation_eos").asInt()).isZero();
    assertThat(ids(theirs.path("ids"))).isEqualTo(tokenizer.encodeForModel(text));
    assertThat(theirs.path("decoded").asString()).isEqualTo(SpecialTokens.END_OF_TEXT + text);
    assertThat(ids(theirs.path("chat")))
        .isEqualTo(
            tokenizer.encodeWithSpecials("<|system|>Be short.<|user|>Hello 123<|assistant|>"));
  }

  @Test
  void raisesNegativeBiasesTogether() throws IOException {
    LanguageConfig config = ExportedModels.config("compressed-grouped", scratch);
    try (Decoder decoder = ExportedModels.decoder(engine, config);
        NDManager manager = engine.newManager()) {
      Map<String, NDArray> released = ReleasedWeights.of(decoder, manager);
      String name = decoder.layout().biases().getFirst();
      float[] before = decoder.weights().get(name).toFloatArray();
      float[] after = Objects.requireNonNull(released.get(name)).toFloatArray();
      float least = Float.MAX_VALUE;
      for (float value : before) {
        least = Math.min(least, value);
      }
      assertThat(least).isNegative();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i]).isEqualTo(before[i] - least).isNotNegative();
      }
      NDArray untouched = manager.create(before);
      assertThat(decoder.weights().get(name).contentEquals(untouched)).isTrue();
    }
  }

  @Test
  void splitsIntoShardsOfAtMostTheSize() throws IOException {
    LanguageConfig config = ExportedModels.config("sharded", scratch);
    Path folder = scratch.resolve("folder");
    try (Decoder decoder = ExportedModels.decoder(engine, config)) {
      HuggingFaceExport.write(engine, decoder, null, folder, ExportedModels.settings("sharded"));
    }
    JsonNode index = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve(Shards.INDEX)));
    long total = 0;
    List<Path> shards;
    try (Stream<Path> files = Files.list(folder)) {
      shards = files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    }
    assertThat(shards.size()).isGreaterThan(3);
    for (Path shard : shards) {
      try (SafetensorsFile file = SafetensorsFile.open(shard)) {
        long bytes = file.tensors().values().stream().mapToLong(t -> t.end() - t.begin()).sum();
        assertThat(bytes <= ExportedModels.SHARD || file.tensors().size() == 1).isTrue();
        total += bytes;
        file.tensors()
            .keySet()
            .forEach(tensor ->
                assertThat(index.path("weight_map").path(tensor).asString())
                    .isEqualTo(String.valueOf(shard.getFileName())));
      }
    }
    assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(total);
    assertThat(folder.resolve("tokenizer.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"BF16, bfloat16", "F16, float16"})
  void storesWeightsInHalfTheBytesAndBiasesInF32(ElementType stored, String type)
      throws IOException {
    LanguageConfig config = ExportedModels.config("mtp", scratch);
    Path folder = scratch.resolve("folder");
    try (Decoder decoder = ExportedModels.decoder(engine, config);
        NDManager manager = engine.newManager()) {
      HuggingFaceExport.write(
          engine, decoder, null, folder, new ExportSettings(stored, 1L << 40, false));
      assertThat(Files.readString(folder.resolve("config.json")))
          .contains("\"torch_dtype\" : \"%s\"".formatted(type))
          .contains("\"num_nextn_predict_layers\" : 2")
          .contains("\"bos_token_id\" : null");
      try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
        file.tensors()
            .forEach((name, info) ->
                assertThat(info.dtype())
                    .isEqualTo(
                        name.endsWith(ReleasedWeights.SELECTION_BIAS) ? ElementType.F32 : stored));
        assertThat(file.tensors())
            .containsKeys(
                "model.layers.2.embed_tokens.weight",
                "model.layers.3.shared_head.head.weight",
                "model.layers.2.eh_proj.weight",
                "model.layers.3.mlp.experts.7.up_proj.weight");
      }
      try (Decoder again = HuggingFaceFolder.load(engine, folder)) {
        String name = "model.layers.0.mlp.down_proj.weight";
        NDArray loss = again.weights().get(name).sub(decoder.weights().get(name)).abs();
        assertThat(loss.max().toFloatArray()[0]).isBetween(1e-6f, 1e-2f);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mlp_bias, true, mlp_bias is true",
    "router_bias, true, router_bias is true",
    "hidden_act, selu, hidden_act is \"selu\"",
    "hidden_act, prelu, hidden_act is \"prelu\"",
  })
  void refusesWhatTransformersWouldLeaveOut(String key, String value, String why)
      throws IOException {
    ConfigFile.write(ExportedModels.config("direct", scratch), scratch);
    Object typed = value.equals("true") ? Boolean.TRUE : value;
    LanguageConfig config = ConfigFile.read(scratch, Map.of(key, typed));
    Path folder = scratch.resolve("folder");
    try (Decoder decoder = ExportedModels.decoder(engine, config)) {
      assertThatThrownBy(
              () -> HuggingFaceExport.write(engine, decoder, null, folder, ExportSettings.usual()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(why)
          .hasMessageContaining("transformers");
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void leavesNothingOfAFolderThatIsNotWhole() throws IOException {
    LanguageConfig config = ExportedModels.config("sharded", scratch);
    Path folder = scratch.resolve("parent").resolve("folder");
    try (Decoder decoder = ExportedModels.decoder(engine, config);
        NDManager manager = engine.newManager()) {
      String last = List.copyOf(ReleasedWeights.of(decoder, manager).keySet()).getLast();
      assertThat(last).contains("shared_head");
      NDArray norm = decoder.weights().get("model.layers.2.shared_head.norm.weight");
      decoder.weights().load("model.layers.2.shared_head.norm.weight", norm.add(1e6f));
      assertThatThrownBy(() ->
              HuggingFaceExport.write(
                  engine,
                  decoder,
                  ExportedModels.tokenizer(),
                  folder,
                  new ExportSettings(ElementType.F16, 1, true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shared_head.norm.weight");
    }
    assertThat(scratch.resolve("parent")).isEmptyDirectory();
  }

  /** As a mount point is, which cannot be renamed over. */
  @Test
  void fillsADirectoryThatIsThere() throws IOException {
    LanguageConfig config = ExportedModels.config("direct", scratch);
    Path folder = Files.createDirectories(scratch.resolve("parent").resolve("folder"));
    Path link = Files.createSymbolicLink(scratch.resolve("link"), folder);
    Object key = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    try (Decoder decoder = ExportedModels.decoder(engine, config)) {
      HuggingFaceExport.write(engine, decoder, null, link, ExportSettings.usual());
    }
    assertThat(Files.readAttributes(folder, BasicFileAttributes.class).fileKey()).isEqualTo(key);
    assertThat(folder)
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**model.safetensors");
    assertThat(scratch.resolve("parent").toFile().list()).containsExactly("folder");
  }

  @Test
  void writesNothingOverSomething() throws IOException {
    LanguageConfig config = ExportedModels.config("direct", scratch);
    try (Decoder decoder = ExportedModels.decoder(engine, config)) {
      assertThatThrownBy(
              () -> HuggingFaceExport.write(engine, decoder, null, scratch, ExportSettings.usual()))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("there is something in it");
    }
  }

  private static int[] ids(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static String digest(Path folder) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Path golden(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(HuggingFaceExportTest.class.getResource(name)).toURI());
  }
}
