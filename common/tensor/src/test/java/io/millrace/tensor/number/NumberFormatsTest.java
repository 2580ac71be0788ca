package io.millrace.tensor.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NumberFormatsTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = engine.newManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void roundsToBfloat16AsBitArithmeticDoes() throws IOException {
    Random random = new Random(5);
    float[] values = new float[4096];
    for (int i = 0; i < values.length; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      values[i] = Float.isNaN(value) ? 1 : value;
    }
    values[0] = Float.intBitsToFloat(0x3F808000); // a tie that goes down to even
    values[1] = Float.intBitsToFloat(0x3F818000); // a tie that goes up to even
    values[2] = Float.MAX_VALUE;
    values[3] = -0f;
    values[4] = Float.MIN_VALUE;
    byte[] bytes = encode(manager.create(values), ElementType.BF16);
    NDArray back = decode(bytes, ElementType.BF16, new Shape(values.length));
    float[] widened = back.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int expected = (bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16;
      int actual = (bytes[2 * i] & 0xFF) | (bytes[2 * i + 1] & 0xFF) << 8;
      assertThat(actual).as("bfloat16 of %s", values[i]).isEqualTo(expected);
      assertThat(Float.floatToRawIntBits(widened[i])).isEqualTo(expected << 16);
    }
  }

  @Test
  void everyCodeOfFloat8MeansWhatTheFormatSays() throws IOException {
    byte[] codes = new byte[256];
    for (int i = 0; i < 256; i++) {
      codes[i] = (byte) i;
    }
    NDArray values = decode(codes, ElementType.F8_E4M3, new Shape(256));
    float[] floats = values.toFloatArray();
    for (int code = 0; code < 256; code++) {
      assertThat(floats[code]).as("code %d", code).isEqualTo(Float.valueOf(e4m3(code)));
    }
    assertThat(encode(values, ElementType.F8_E4M3)).isEqualTo(codes);
  }

  @Test
  void float8IsNaNBeyondItsRange() throws IOException {
    NDArray large = manager.create(new float[] {448f, 463.9f, 464.1f, -1e9f, Float.NaN});
    byte[] bytes = encode(large, ElementType.F8_E4M3);
    float[] back = decode(bytes, ElementType.F8_E4M3, new Shape(5)).toFloatArray();
    assertThat(back).containsExactly(448f, 448f, Float.NaN, Float.NaN, Float.NaN);
  }

  @Test
  void roundsToTheNearestFloat8() throws IOException {
    Random random = new Random(6);
    float[] values = new float[2000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-9, 7)));
      values[i] = Math.clamp(values[i], -448f, 448f);
    }
    byte[] bytes = encode(manager.create(values), ElementType.F8_E4M3);
    float[] rounded = decode(bytes, ElementType.F8_E4M3, new Shape(2000)).toFloatArray();
    for (int i = 0; i < values.length; i++) {
      double best = Double.POSITIVE_INFINITY;
      for (int code = 0; code < 256; code++) {
        double distance = Math.abs((double) e4m3(code) - values[i]);
        best = distance < best ? distance : best;
      }
      assertThat(Math.abs((double) rounded[i] - values[i])).isEqualTo(best);
    }
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void everyTypeCanBeMadeNamedAndReadBack(ElementType type) throws IOException {
    NDArray ones = manager.ones(new Shape(2, 3));
    NDArray cast = NumberFormats.cast(manager, ones, type);
    assertThat(NumberFormats.typeOf(cast)).isEqualTo(type);
    assertThat(cast.getDataType()).isEqualTo(type.dataType());
    assertThat(cast.getShape()).isEqualTo(new Shape(2, 3));
    byte[] bytes = encode(cast, type);
    assertThat(bytes).hasSize(6 * type.bytes());
    NDArray back = decode(bytes, type, new Shape(2, 3));
    assertThat(NumberFormats.typeOf(back)).isEqualTo(type.readable());
    assertThat(back.toType(DataType.FLOAT32, false).toFloatArray()).containsOnly(1f);
    assertThat(encode(back, type)).isEqualTo(bytes);
  }

  @Test
  void movesTensorsLargerThanAChunk() throws IOException {
    int count = (1 << 23) + 5;
    NDArray large = manager.arange(count).toType(DataType.FLOAT32, false);
    NDArray copy = TensorBytes.allocate(manager, ElementType.F32, new Shape(count));
    ByteBuffer all = ByteBuffer.allocateDirect(4 * count);
    TensorBytes.read(large, ElementType.F32, all::put);
    assertThat(all.hasRemaining()).isFalse();
    TensorBytes.write(
        copy,
        ElementType.F32,
        (chunk, offset) -> chunk.put(all.slice((int) offset, chunk.remaining())));
    assertThat(copy.eq(large).all().getBoolean()).isTrue();
  }

  @Test
  void doesNotStoreAFiniteValueAsInfinite() {
    NDArray large = manager.create(new float[] {1f, 1e6f});
    assertThatThrownBy(() -> TensorBytes.read(large, ElementType.F16, chunk -> {}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("F32 is not finite in F16");
  }

  private byte[] encode(NDArray tensor, ElementType type) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TensorBytes.read(
        NumberFormats.cast(manager, tensor, type), type, chunk -> out.writeBytes(array(chunk)));
    return out.toByteArray();
  }

  private NDArray decode(byte[] bytes, ElementType type, Shape shape) throws IOException {
    NDArray stored = TensorBytes.allocate(manager, type, shape);
    TensorBytes.write(
        stored, type, (chunk, offset) -> chunk.put(bytes, (int) offset, chunk.remaining()));
    return NumberFormats.cast(manager, stored, type.readable());
  }

  private static byte[] array(ByteBuffer chunk) {
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    return bytes;
  }

  /** The value of a code by the definition: bias 7, subnormals at exponent 0, all ones is NaN. */
  private static float e4m3(int code) {
    int exponent = (code >> 3) & 15;
    int mantissa = code & 7;
    if (exponent == 15 && mantissa == 7) {
      return Float.NaN;
    }
    double magnitude =
        exponent == 0 ? mantissa * Math.pow(2, -9) : (8 + mantissa) * Math.pow(2, exponent - 10);
    return (float) (code >= 128 ? -magnitude : magnitude);
  }
}
