package io.millrace.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a file of the reference implementation, made by {@code golden.py} beside it. */
class SafetensorsGoldenTest {

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"BOOL", "U16", "U32", "U64"},
      mode = EnumSource.Mode.EXCLUDE)
  void readsTheValuesOfEveryType(ElementType type) {
    String shortName = type == ElementType.F8_E4M3 ? "f8" : type.name().toLowerCase(Locale.ROOT);
    float[] expected = new float[12];
    for (int i = 0; i < 12; i++) {
      expected[i] = (type == ElementType.U8 ? i : i - 6) * (type.isFloat() ? 0.25f : 1);
    }
    try (SafetensorsFile file = SafetensorsFile.open(golden());
        NDManager manager = engine.newManager()) {
      TensorInfo info = file.info("layer." + shortName);
      assertThat(info.dtype()).isEqualTo(type);
      NDArray tensor = file.load(manager, "layer." + shortName);
      assertThat(tensor.getShape()).isEqualTo(info.shape()).isEqualTo(new Shape(3, 4));
      assertThat(tensor.getDataType()).isEqualTo(type.readable().dataType());
      assertThat(tensor.toType(DataType.FLOAT32, false).toFloatArray()).isEqualTo(expected);
    }
  }

  @Test
  void readsScalarsEmptyTensorsTruthValuesAndTexts() {
    try (SafetensorsFile file = SafetensorsFile.open(golden());
        NDManager manager = engine.newManager()) {
      assertThat(file.metadata())
          .containsExactly(Map.entry("format", "pt"), Map.entry("note", "line\nbreak ✓"));
      assertThat(file.load(manager, "layer.bool").toBooleanArray())
          .containsExactly(true, false, true);
      NDArray scalar = file.load(manager, "scalar");
      assertThat(scalar.getShape()).isEqualTo(new Shape());
      assertThat(scalar.getFloat()).isEqualTo(2.5f);
      assertThat(file.load(manager, "empty").getShape()).isEqualTo(new Shape(0, 7));
      assertThat(file.load(manager, "ünïcode").toIntArray()).containsExactly(1, 2);
      assertThat(file.loadAll(manager)).hasSize(14);
    }
  }

  /** The file is kept for {@code golden.py}, which checks it from the other side. */
  @Test
  void whatItWritesReadsTheSame() throws Exception {
    Path ours = Files.createDirectories(Path.of("target")).resolve("ours.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(golden());
        NDManager manager = engine.newManager()) {
      Map<String, NDArray> stored = new LinkedHashMap<>();
      file.tensors().keySet().forEach(name -> stored.put(name, file.loadStored(manager, name)));
      SafetensorsWriter.write(ours, stored, Map.of("note", "line\nbreak ✓"));
      // Only the order of tensors of one width differs from the reference implementation's.
      assertThat(ours).hasSize(Files.size(golden()));
    }
    try (SafetensorsFile file = SafetensorsFile.open(golden());
        SafetensorsFile again = SafetensorsFile.open(ours);
        NDManager manager = engine.newManager()) {
      assertThat(again.metadata()).isEqualTo(file.metadata());
      assertThat(again.tensors().keySet()).isEqualTo(file.tensors().keySet());
      for (String name : file.tensors().keySet()) {
        assertThat(again.info(name).dtype()).isEqualTo(file.info(name).dtype());
        assertThat(again.load(manager, name).toByteArray())
            .isEqualTo(file.load(manager, name).toByteArray());
      }
    }
  }

  @Test
  void givesTensorsThatOutliveTheFile(@TempDir Path directory) throws Exception {
    Path copy = Files.copy(golden(), directory.resolve("copy.safetensors"));
    try (NDManager manager = engine.newManager()) {
      NDArray tensor;
      try (SafetensorsFile file = SafetensorsFile.open(copy)) {
        tensor = file.load(manager, "layer.f32");
      }
      Files.delete(copy);
      assertThat(tensor.toFloatArray()).startsWith(-1.5f, -1.25f);
    }
  }

  static Path golden() {
    URL url = SafetensorsGoldenTest.class.getResource("golden.safetensors");
    try {
      return Path.of(Objects.requireNonNull(url).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
