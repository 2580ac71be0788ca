package io.millrace.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private NDManager manager;
  @TempDir Path directory;

  @BeforeEach
  void open() {
    manager = engine.newManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void theSameTensorsGiveTheSameBytesInAnyOrder() throws IOException {
    NDArray small = manager.create(new byte[] {1, 2, 3});
    NDArray large = manager.arange(6f).reshape(2, 3);
    Map<String, NDArray> forward = new LinkedHashMap<>();
    forward.put("small", small);
    forward.put("large", large);
    Map<String, NDArray> backward = new LinkedHashMap<>();
    backward.put("large", large);
    backward.put("small", small);
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    SafetensorsWriter.write(one, forward, Map.of("b", "1", "a", "2"));
    SafetensorsWriter.write(two, backward, Map.of("a", "2", "b", "1"));
    assertThat(two).hasSameBinaryContentAs(one);
    byte[] bytes = Files.readAllBytes(one);
    long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).isZero();
    assertThat(new String(bytes, 8, (int) header, StandardCharsets.UTF_8).strip())
        .isEqualTo(
            "{\"__metadata__\":{\"a\":\"2\",\"b\":\"1\",\"format\":\"pt\"},"
                + "\"large\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"small\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[24,27]}}");
  }

  @Test
  void writesFloatsInANarrowerTypeRoundedToEven() {
    float tieDown = Float.intBitsToFloat(0x3F808000);
    float tieUp = Float.intBitsToFloat(0x3F818000);
    Path path = directory.resolve("bf16.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of("w", manager.create(new float[] {tieDown, tieUp, -0f, 3f})),
        Map.of(),
        Map.of("w", ElementType.BF16));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.info("w").dtype()).isEqualTo(ElementType.BF16);
      assertThat(file.load(manager, "w").toFloatArray())
          .containsExactly(1f, Float.intBitsToFloat(0x3F820000), -0f, 3f);
    }
  }

  @Test
  void writesViewsThatAreNotContiguous() {
    NDArray transposed = manager.arange(6f).reshape(2, 3).transpose();
    Path path = directory.resolve("view.safetensors");
    SafetensorsWriter.write(path, Map.of("w", transposed), Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.load(manager, "w").getShape()).isEqualTo(new Shape(3, 2));
      assertThat(file.load(manager, "w").toFloatArray()).containsExactly(0, 3, 1, 4, 2, 5);
    }
  }

  @Test
  void leavesTheOldFileWhenTheNewOneFails() throws IOException {
    Path path = directory.resolve("model.safetensors");
    SafetensorsWriter.write(path, Map.of("w", manager.ones(new Shape(2))), Map.of());
    byte[] before = Files.readAllBytes(path);
    NDArray tooLarge = manager.create(new float[] {1e30f});
    assertThatThrownBy(() ->
            SafetensorsWriter.write(
                path, Map.of("w", tooLarge), Map.of(), Map.of("w", ElementType.F16)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor 'w'")
        .hasMessageContaining("not finite in F16");
    assertThat(path).hasBinaryContent(before);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void refusesWhatItCannotWrite() {
    Map<String, NDArray> integers = Map.of("n", manager.create(new int[] {1}));
    Path path = directory.resolve("x.safetensors");
    assertThatThrownBy(
            () -> SafetensorsWriter.write(path, integers, Map.of(), Map.of("n", ElementType.BF16)))
        .hasMessageContaining("tensor 'n' is I32 and cannot be written as BF16");
    assertThatThrownBy(
            () -> SafetensorsWriter.write(path, integers, Map.of(), Map.of("m", ElementType.BF16)))
        .hasMessageContaining("'m', which is not there");
    assertThatThrownBy(() ->
            SafetensorsWriter.write(
                path, Map.of("__metadata__", manager.ones(new Shape(1))), Map.of()))
        .hasMessageContaining("cannot be named");
    assertThatThrownBy(() ->
            SafetensorsWriter.write(directory.resolve("no/such/directory"), integers, Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write");
  }

  /** The file is sparse: it takes no room. */
  @Test
  void readsBeyondTwoGigabytes() throws IOException {
    long huge = 5L << 30;
    String json =
        "{\"huge\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"last\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}"
            .formatted(huge, huge, huge, huge + 8);
    Path path = directory.resolve("huge.safetensors");
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer header = ByteBuffer.allocate(8 + json.length()).order(ByteOrder.LITTLE_ENDIAN);
      header.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8)).flip();
      channel.write(header);
      ByteBuffer values = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      values.putFloat(1.5f).putFloat(-2f).flip();
      channel.write(values, 8 + json.length() + huge);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.info("huge").bytes()).isEqualTo(huge);
      assertThat(file.load(manager, "last").toFloatArray()).containsExactly(1.5f, -2f);
    }
  }
}
