package io.millrace.tensor.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ParameterStoreTest {

  private static final ParameterSpec MATRIX =
      new ParameterSpec("matrix", new Shape(3, 5), new Initializer.Normal(2), ParameterGroup.DECAY);
  private static final ParameterSpec BIAS =
      new ParameterSpec("bias", new Shape(3), new Initializer.Ones(), ParameterGroup.NO_DECAY);
  private static final ParameterSpec TABLE =
      new ParameterSpec("table", new Shape(7, 2), new Initializer.Normal(3), ParameterGroup.DECAY);
  private static final ParameterSpec SEEN =
      new ParameterSpec("seen", new Shape(), new Initializer.Constant(0.5), ParameterGroup.BUFFER);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void keepsTheOrderOfItsSpecs() {
    try (ParameterStore store =
        ParameterStore.create(engine, List.of(MATRIX, BIAS, SEEN, TABLE), 3)) {
      assertThat(store.asMap().keySet()).containsExactly("matrix", "bias", "seen", "table");
      assertThat(store.tensors().stream().map(NDArray::getShape))
          .containsExactly(new Shape(3, 5), new Shape(3), new Shape(), new Shape(7, 2));
      assertThat(store.learnedSpecs()).containsExactly(MATRIX, BIAS, TABLE);
      assertThat(store.count()).isEqualTo(15 + 3 + 14);
      assertThat(store.get("bias").toFloatArray()).containsExactly(1, 1, 1);
      assertThat(store.get("seen").toFloatArray()).containsExactly(0.5f);
    }
  }

  @Test
  void namedTensorsAreViewsOfTheFlatBuffers() {
    try (ParameterStore store = ParameterStore.create(engine, List.of(MATRIX, BIAS, TABLE), 3)) {
      assertThat(store.weights().buffers()).hasSize(2);
      store.weights().buffers().get(0).muli(0).addi(9);
      assertThat(store.get("matrix").toFloatArray()).containsOnly(9f);
      assertThat(store.get("table").toFloatArray()).containsOnly(9f);
      assertThat(store.get("bias").toFloatArray()).containsOnly(1f);
    }
  }

  @Test
  void valuesDependOnSeedAndNameAlone() {
    try (ParameterStore one = ParameterStore.create(engine, List.of(MATRIX, TABLE), 3);
        ParameterStore other = ParameterStore.create(engine, List.of(TABLE, BIAS, MATRIX), 3);
        ParameterStore seeded = ParameterStore.create(engine, List.of(MATRIX, TABLE), 4)) {
      assertThat(other.get("matrix").toFloatArray()).isEqualTo(one.get("matrix").toFloatArray());
      assertThat(other.get("table").toFloatArray()).isEqualTo(one.get("table").toFloatArray());
      assertThat(seeded.get("matrix").toFloatArray())
          .isNotEqualTo(one.get("matrix").toFloatArray());
    }
  }

  /** A change of these numbers changes every model that is trained from a seed. */
  @Test
  void valuesNeverChange() {
    float[] values = new float[3];
    new InitialValues(new Initializer.Normal(1), 42, "model.embed_tokens.weight")
        .fill(FloatBuffer.wrap(values), 0);
    assertThat(values).containsExactly(0.65959436f, -0.14308357f, -0.77323234f);
    float[] later = new float[2];
    new InitialValues(new Initializer.Normal(1), 42, "model.embed_tokens.weight")
        .fill(FloatBuffer.wrap(later), 1);
    assertThat(later).containsExactly(values[1], values[2]);
  }

  /** Threads share what is large; places are the same whoever fills them. */
  @Test
  void valuesDependOnTheirPositionAlone() {
    InitialValues normal = new InitialValues(new Initializer.Normal(1), 42, "w");
    float[] all = new float[50_001];
    normal.fill(FloatBuffer.wrap(all), 0);
    float[] apart = new float[all.length];
    for (int at = 0; at < apart.length; at += 777) {
      normal.fill(FloatBuffer.wrap(apart, at, Math.min(777, apart.length - at)), at);
    }
    assertThat(apart).containsExactly(all);
  }

  @Test
  void drawsTheDistributionsAskedFor() {
    float[] values = new float[200_000];
    new InitialValues(new Initializer.Normal(0.02), 7, "w").fill(FloatBuffer.wrap(values), 0);
    double mean = 0;
    double square = 0;
    double fourth = 0;
    for (float value : values) {
      mean += value / values.length;
      square += Math.pow(value / 0.02, 2) / values.length;
      fourth += Math.pow(value / 0.02, 4) / values.length;
    }
    assertThat(mean).isCloseTo(0, within(0.02 * 5 / Math.sqrt(values.length)));
    assertThat(square).isCloseTo(1, within(0.02));
    assertThat(fourth).isCloseTo(3, within(0.1));
  }

  @Test
  void loadsOnlyWhatFitsCompletely() {
    try (ParameterStore store = ParameterStore.create(engine, List.of(MATRIX, BIAS), 3);
        NDManager manager = engine.newManager()) {
      Map<String, NDArray> values = new LinkedHashMap<>();
      values.put("matrix", manager.full(new Shape(3, 5), 8f));
      assertThatThrownBy(() -> store.load(values)).hasMessageContaining("bias of shape (3)");
      values.put("bias", manager.zeros(new Shape(4)));
      assertThatThrownBy(() -> store.load(values))
          .hasMessage("tensor bias has shape (4), expected (3)");
      assertThat(store.get("matrix").toFloatArray()).doesNotContain(8f);
      values.put("bias", manager.zeros(new Shape(3)));
      values.put("stranger", manager.zeros(new Shape(3)));
      assertThatThrownBy(() -> store.load(values)).hasMessageContaining("stranger");
      values.remove("stranger");
      store.load(values);
      assertThat(store.get("matrix").toFloatArray()).containsOnly(8f);
      assertThat(store.get("bias").toFloatArray()).containsOnly(0f);
    }
  }

  @Test
  void loadsOneWeight() {
    try (NDManager manager = engine.newManager();
        ParameterStore store = ParameterStore.create(engine, List.of(MATRIX, BIAS), 3)) {
      float[] before = store.get("matrix").toFloatArray();
      store.load("bias", manager.create(new double[] {1, 2, 3}));
      assertThat(store.get("bias").toFloatArray()).containsExactly(1, 2, 3);
      assertThat(store.get("matrix").toFloatArray()).containsExactly(before);
      assertThatThrownBy(() -> store.load("bias", manager.zeros(new Shape(1))))
          .hasMessageContaining("tensor bias has shape (1), expected (3)");
      assertThatThrownBy(() -> store.load("other", manager.zeros(new Shape(1))))
          .hasMessageContaining("no parameter other");
    }
  }

  @Test
  void goesThroughAFileAndBack(@TempDir Path directory) {
    Path path = directory.resolve("model.safetensors");
    List<ParameterSpec> specs = List.of(MATRIX, BIAS, SEEN, TABLE);
    try (ParameterStore saved = ParameterStore.create(engine, specs, 3);
        ParameterStore loaded = ParameterStore.create(engine, specs, 4);
        ParameterStore other = ParameterStore.create(engine, List.of(MATRIX, BIAS), 4)) {
      SafetensorsWriter.write(path, saved.asMap(), Map.of());
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        loaded.load(file);
        assertThatThrownBy(() -> other.load(file))
            .hasMessageContaining(path.toString())
            .hasMessageContaining("is not one of this model");
      }
      saved
          .asMap()
          .forEach((name, weight) ->
              assertThat(loaded.get(name).toFloatArray()).isEqualTo(weight.toFloatArray()));
    }
  }

  @Test
  void loadsAWeightInParts() {
    try (NDManager manager = engine.newManager();
        ParameterStore store = ParameterStore.zeros(engine, List.of(MATRIX, BIAS))) {
      NDArray rest = manager.create(new double[] {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
      assertThat(store.weights().copyFrom("matrix", 0, manager.ones(new Shape(2, 2)))).isEqualTo(4);
      assertThat(store.weights().copyFrom("matrix", 4, rest)).isEqualTo(15);
      assertThat(store.get("matrix").toFloatArray())
          .containsExactly(1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      assertThat(store.get("bias").toFloatArray()).containsOnly(0f);
      assertThatThrownBy(() -> store.weights().copyFrom("matrix", 5, rest))
          .hasMessage("tensor matrix has 15 values, not those from 5 to 16");
    }
  }

  /** Hundreds of buffers of 4 MiB that were allocated before the one that cannot be. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void whatCannotBeAllocatedKeepsNothing() throws IOException {
    List<ParameterSpec> specs =
        List.of(
            new ParameterSpec(
                "held", new Shape(1 << 20), new Initializer.Ones(), ParameterGroup.DECAY),
            new ParameterSpec(
                "huge", new Shape(1L << 56), new Initializer.Ones(), ParameterGroup.NO_DECAY));
    long before = residentBytes();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> ParameterStore.create(engine, specs, 1))
          .isInstanceOf(RuntimeException.class);
    }
    // The heap of Java may grow meanwhile, too.
    assertThat(residentBytes() - before).isLessThan(256L << 20);
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096;
  }

  @Test
  void refusesTwoParametersOfOneName() {
    assertThatThrownBy(() -> ParameterStore.create(engine, List.of(MATRIX, BIAS, MATRIX), 1))
        .hasMessageContaining("matrix is specified twice");
  }
}
