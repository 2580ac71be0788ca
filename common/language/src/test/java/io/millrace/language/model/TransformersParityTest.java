package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders saved by Hugging Face transformers give its logits here; golden/make.py made them. */
class TransformersParityTest {

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @MethodSource("names")
  void givesTheLogitsOfTransformers(String name) throws IOException, URISyntaxException {
    Path folder = folder(name);
    try (NDManager manager = engine.newManager();
        SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"));
        Decoder decoder = ModelFolder.load(engine, folder)) {
      int[] ids = expected.load(manager, "ids").toIntArray();
      NDList logits =
          decoder.call(manager, false, "logits", manager.create(ids), new long[] {0, ids.length});
      assertThat(logits.getFirst().toFloatArray())
          .containsExactly(expected.load(manager, "logits").toFloatArray(), within(1e-5f));
      assertThat(logits).hasSize(1 + decoder.config().numNextnPredictLayers());
      for (int k = 1; k < logits.size(); k++) {
        assertThat(logits.get(k).toFloatArray())
            .containsExactly(
                expected.load(manager, "ahead" + (k - 1)).toFloatArray(), within(1e-5f));
      }
    }
  }

  /**
   * The head is linear and has more rows than columns: what it makes of a vector of the text is the
   * last of transformers' logits, or their mean, for one vector alone.
   */
  @ParameterizedTest
  @MethodSource("names")
  void vectorsOfATextAreTheStatesOfTransformers(String name)
      throws IOException, URISyntaxException {
    Path folder = folder(name);
    try (NDManager manager = engine.newManager();
        SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"));
        Decoder decoder = ModelFolder.load(engine, folder)) {
      int[] ids = expected.load(manager, "ids").toIntArray();
      NDArray wanted = expected.load(manager, "logits");
      LanguageConfig config = decoder.config();
      NDArray head =
          decoder
              .weights()
              .get(config.tieWordEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight");
      assertThat(config.vocabSize()).isGreaterThanOrEqualTo(config.hiddenSize());
      for (boolean last : new boolean[] {false, true}) {
        NDArray vector =
            decoder
                .call(
                    manager,
                    false,
                    "text_vectors",
                    manager.create(ids),
                    new long[] {0, ids.length},
                    last)
                .singletonOrThrow();
        NDArray said = last ? wanted.get(ids.length - 1) : wanted.mean(new int[] {0});
        NDArray found = head.matMul(vector.transpose());
        found.attach(manager);
        assertThat(found.toFloatArray()).containsExactly(said.toFloatArray(), within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void writesTheTensorsItRead(String name) throws IOException, URISyntaxException {
    try (Decoder decoder = ModelFolder.load(engine, folder(name))) {
      ModelFolder.save(engine, decoder, directory);
    }
    try (NDManager manager = engine.newManager();
        SafetensorsFile theirs = SafetensorsFile.open(folder(name).resolve("model.safetensors"));
        SafetensorsFile ours = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
      assertThat(ours.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(theirs.tensors().keySet());
      for (String tensor : ours.tensors().keySet()) {
        assertThat(ours.load(manager, tensor)).isEqualTo(theirs.load(manager, tensor));
      }
    }
    assertThat(ConfigFile.read(directory)).isEqualTo(ConfigFile.read(folder(name)));
    assertThat(Files.readString(directory.resolve("config.json")))
        .contains("\"num_nextn_predict_layers\" : ");
  }

  /** The latent cache and absorbed weights give what the whole sequence at once gives. */
  @ParameterizedTest
  @MethodSource("names")
  void decodesTheLogitsOfTransformersTokenByToken(String name)
      throws IOException, URISyntaxException {
    Path folder = folder(name);
    int prompt = 7;
    try (NDManager manager = engine.newManager();
        SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"));
        Decoder decoder = ModelFolder.load(engine, folder)) {
      int[] ids = expected.load(manager, "ids").toIntArray();
      NDArray wanted = expected.load(manager, "logits");
      LanguageConfig config = decoder.config();
      NDArray latents =
          manager.zeros(new Shape(config.numHiddenLayers(), ids.length, config.kvLoraRank()));
      NDArray keys =
          manager.zeros(new Shape(config.numHiddenLayers(), ids.length, config.qkRopeHeadDim()));
      NDArray first = manager.create(Arrays.copyOf(ids, prompt));
      for (int at = prompt - 1; at < ids.length; at++) {
        NDArray logits =
            at < prompt
                ? decoder.call(manager, false, "prefill", first, latents, keys).singletonOrThrow()
                : decoder.decode(manager, ids[at], at, latents, keys);
        assertThat(logits.toFloatArray())
            .containsExactly(wanted.get(at).toFloatArray(), within(1e-5f));
      }
    }
  }

  static Stream<String> names() throws IOException, URISyntaxException {
    try (Stream<Path> folders = Files.list(folder("direct").resolveSibling(""))) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> String.valueOf(folder.getFileName()))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static Path folder(String name) throws URISyntaxException {
    return Path.of(
            Objects.requireNonNull(
                    TransformersParityTest.class.getResource("golden/" + name + "/config.json"))
                .toURI())
        .resolveSibling("");
  }
}
