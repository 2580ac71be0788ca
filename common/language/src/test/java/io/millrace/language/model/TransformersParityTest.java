package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders saved by Hugging Face transformers give its logits here; golden/make.py made them. */
class TransformersParityTest {

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @ValueSource(strings = {"compressed-grouped", "direct", "tied-two-shared"})
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
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"compressed-grouped", "direct", "tied-two-shared"})
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
    assertThat(Files.readString(directory.resolve("config.json")))
        .contains("\"num_nextn_predict_layers\" : 0");
  }

  private static Path folder(String name) throws URISyntaxException {
    return Path.of(
            Objects.requireNonNull(
                    TransformersParityTest.class.getResource("golden/" + name + "/config.json"))
                .toURI())
        .resolveSibling("");
  }
}
