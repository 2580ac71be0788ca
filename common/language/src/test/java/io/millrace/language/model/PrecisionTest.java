package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels' rounding and products against E4M3 and bfloat16 written out in Java. */
class PrecisionTest {

  private static final int TOKENS = 300;
  private static final int INPUTS = 130;
  private static final int OUTPUTS = 200;
  private static final String CALLS = "precision_calls.py";
  private static final String TILES = "tile_calls.py";

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void quantisesTilesAndBlocksToTheBit() {
    float[][] x = hostile(TOKENS, INPUTS);
    assertThat(call(TILES, "along_features", x)).isDeepEqualTo(tiles(x, 1, 128));
    assertThat(call(TILES, "along_tokens", x)).isDeepEqualTo(tiles(x, 128, 1));
    assertThat(call(TILES, "blocks", x)).isDeepEqualTo(tiles(x, 128, 128));
  }

  @Test
  void everyExpertHasBlocksOfItsOwn() {
    float[][] one = normal(OUTPUTS, INPUTS, 1);
    float[][] other = normal(OUTPUTS, INPUTS, 1000);
    NDArray stack = array(one).expandDims(0).concat(array(other).expandDims(0), 0);
    NDArray found =
        kernels(Products.FP8_EMULATED, TILES).run(manager, "blocks", stack).singletonOrThrow();
    assertThat(rows(found.get(0))).isDeepEqualTo(tiles(one, 128, 128));
    assertThat(rows(found.get(1))).isDeepEqualTo(tiles(other, 128, 128));
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "FP8_EMULATED"})
  void multipliesWhatItRounded(Products products) {
    float[][] x = normal(TOKENS, INPUTS, 1);
    float[][] w = normal(OUTPUTS, INPUTS, 2);
    float[][] dy = normal(TOKENS, OUTPUTS, 3);
    float[][] weights = operand(w, products, 128, 128);
    requireRounded(
        call(products, "linear", array(x), array(w)),
        product(operand(x, products, 1, 128), transposed(weights)));
    requireRounded(
        call(products, "input_gradient", array(dy), array(w)),
        product(operand(dy, products, 1, 128), weights));
    float[][] gradient = normal(OUTPUTS, INPUTS, 4);
    double[][] sum =
        product(transposed(operand(dy, products, 128, 1)), operand(x, products, 128, 1));
    for (int o = 0; o < OUTPUTS; o++) {
      for (int i = 0; i < INPUTS; i++) {
        sum[o][i] += gradient[o][i];
      }
    }
    requireClose(
        call(products, "add_weight_gradient", array(gradient), array(dy), array(x)), sum, 1e-5);
  }

  /** Tiles along tokens begin anew with every expert's rows, one of which has none. */
  @ParameterizedTest
  @EnumSource(names = {"BF16", "FP8_EMULATED"})
  void multipliesByExpert(Products products) {
    long[] sizes = {140, 0, 160};
    float[][] x = normal(TOKENS, INPUTS, 1);
    float[][] dy = normal(TOKENS, OUTPUTS, 3);
    float[][][] experts = new float[sizes.length][][];
    NDArray[] stack = new NDArray[sizes.length];
    for (int e = 0; e < sizes.length; e++) {
      experts[e] = normal(OUTPUTS, INPUTS, 1 + e);
      stack[e] = array(experts[e]).expandDims(0);
    }
    NDArray w = stack[0].concat(stack[1], 0).concat(stack[2], 0);
    float[][] y = call(products, "expert_products", array(x), w, sizes);
    float[][] dx = call(products, "expert_input_gradients", array(dy), w, sizes);
    NDArray gradients =
        kernels(products, CALLS)
            .run(
                manager,
                "add_expert_weight_gradients",
                manager.zeros(w.getShape()),
                array(dy),
                array(x),
                sizes)
            .singletonOrThrow();
    int first = 0;
    for (int e = 0; e < sizes.length; e++) {
      int end = first + (int) sizes[e];
      float[][] own = Arrays.copyOfRange(x, first, end);
      float[][] ownDy = Arrays.copyOfRange(dy, first, end);
      float[][] weights = operand(experts[e], products, 128, 128);
      requireRounded(
          Arrays.copyOfRange(y, first, end),
          product(operand(own, products, 1, 128), transposed(weights)));
      requireRounded(
          Arrays.copyOfRange(dx, first, end), product(operand(ownDy, products, 1, 128), weights));
      double[][] gradient =
          sizes[e] == 0
              ? new double[OUTPUTS][INPUTS]
              : product(
                  transposed(operand(ownDy, products, 128, 1)), operand(own, products, 128, 1));
      requireClose(rows(gradients.get(e)), gradient, 1e-5);
      first = end;
    }
  }

  /** Tensor cores too, which no test has: that their files fit the decoder's is seen here. */
  @ParameterizedTest
  @EnumSource(names = "BF16_TENSORS_NEWER", mode = EnumSource.Mode.EXCLUDE)
  void everyChoiceDefinesWhatTheDecoderCalls(Products products) {
    assertThat(Kernels.shared(engine, DecoderKernels.sources(products, Activation.SILU)))
        .isNotNull();
  }

  /** As a libtorch must that lacks an operation: TensorCores then chooses other files. */
  @Test
  void newerOperationsDoNotCompileHere() {
    List<KernelSource> sources =
        DecoderKernels.sources(Products.BF16_TENSORS_NEWER, Activation.SILU);
    assertThatThrownBy(() -> Kernels.shared(engine, sources))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("_fused_rms_norm");
  }

  @Test
  void usesTensorCoresOnlyWhereTheyGiveTheSame() {
    assertThat(ScaledProducts.work(engine)).as("on a processor").isFalse();
    assertThat(ScaledProducts.agree(new float[] {8e-4f, 7e-4f, 1e-4f})).isTrue();
    assertThat(ScaledProducts.agree(new float[] {8e-4f, 0.4f, 1e-4f})).isFalse();
    assertThat(ScaledProducts.agree(new float[] {Float.NaN, 0, 0})).isFalse();
  }

  /** Zeros, tiles below a scale, far apart values that are subnormal beside the largest. */
  private static float[][] hostile(int rows, int columns) {
    float[][] x = normal(rows, columns, 5);
    Random random = new Random(6);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        x[r][c] *= (float) Math.pow(10, -6 * random.nextDouble());
      }
    }
    Arrays.fill(x[3], 0);
    Arrays.fill(x[4], 1e-44f);
    Arrays.fill(x[5], -3e38f);
    // Quotients with these are beyond 448 before they are cut, or half way between two numbers.
    x[6][0] = 448;
    for (int c = 1; c < 128; c++) {
      x[6][c] = c * 3.5f;
      x[7][c] = 1f / 3 + c * 1e-7f;
    }
    x[8][0] = 448;
    for (int c = 1; c < 128; c++) {
      x[8][c] = c * 0x1p-11f;
    }
    return x;
  }

  private static float[][] normal(int rows, int columns, int seed) {
    Random random = new Random(seed);
    float[][] x = new float[rows][columns];
    for (int r = 0; r < rows; r++) {
      // Tokens of very different size: a tile's scale must be its own.
      double size = Math.pow(10, random.nextInt(4) - 2);
      for (int c = 0; c < columns; c++) {
        x[r][c] = (float) (size * random.nextGaussian() * (c < 128 ? 1 : 30));
      }
    }
    return x;
  }

  private static float[][] operand(float[][] x, Products products, int height, int width) {
    if (products == Products.FP8_EMULATED) {
      return tiles(x, height, width);
    }
    float[][] result = new float[x.length][];
    for (int r = 0; r < x.length; r++) {
      result[r] = new float[x[r].length];
      for (int c = 0; c < x[r].length; c++) {
        result[r][c] = (float) rounded(x[r][c], 7, Float.MIN_EXPONENT);
      }
    }
    return result;
  }

  private static float[][] tiles(float[][] x, int height, int width) {
    float[][] result = new float[x.length][x.length == 0 ? 0 : x[0].length];
    for (int top = 0; top < x.length; top += height) {
      for (int left = 0; left < x[0].length; left += width) {
        int bottom = Math.min(x.length, top + height);
        int right = Math.min(x[0].length, left + width);
        float largest = 0;
        for (int r = top; r < bottom; r++) {
          for (int c = left; c < right; c++) {
            largest = Math.max(largest, Math.abs(x[r][c]));
          }
        }
        float scale = largest / 448 == 0 ? 1 : largest / 448;
        for (int r = top; r < bottom; r++) {
          for (int c = left; c < right; c++) {
            double value = Math.clamp((double) (x[r][c] / scale), -448, 448);
            result[r][c] = (float) rounded(value, 3, -6) * scale;
          }
        }
      }
    }
    return result;
  }

  /** To so many bits behind the first, ties to even; below the least exponent to fewer. */
  private static double rounded(double value, int bits, int leastExponent) {
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(value), leastExponent) - bits);
    return Math.rint(value / unit) * unit;
  }

  private static float[][] transposed(float[][] x) {
    float[][] result = new float[x[0].length][x.length];
    for (int r = 0; r < x.length; r++) {
      for (int c = 0; c < x[0].length; c++) {
        result[c][r] = x[r][c];
      }
    }
    return result;
  }

  private static double[][] product(float[][] a, float[][] b) {
    double[][] result = new double[a.length][b[0].length];
    for (int r = 0; r < a.length; r++) {
      for (int k = 0; k < b.length; k++) {
        for (int c = 0; c < b[0].length; c++) {
          result[r][c] += (double) a[r][k] * b[k][c];
        }
      }
    }
    return result;
  }

  /** A number of bfloat16 at most half a unit away, but for what float32 loses in the sum. */
  private static void requireRounded(float[][] found, double[][] expected) {
    for (float[] row : found) {
      for (float value : row) {
        assertThat((double) value).isEqualTo(rounded(value, 7, Float.MIN_EXPONENT));
      }
    }
    requireClose(found, expected, 0x1p-8);
  }

  private static void requireClose(float[][] found, double[][] expected, double relative) {
    assertThat(found).hasNumberOfRows(expected.length);
    for (int r = 0; r < found.length; r++) {
      double largest = Arrays.stream(expected[r]).map(Math::abs).max().orElseThrow();
      for (int c = 0; c < found[r].length; c++) {
        assertThat((double) found[r][c])
            .isCloseTo(
                expected[r][c], within(relative * Math.abs(expected[r][c]) + 1e-5 * largest));
      }
    }
  }

  private Kernels kernels(Products products, String calls) {
    List<KernelSource> sources = new ArrayList<>(products.sources());
    sources.add(KernelSource.of(PrecisionTest.class, calls));
    return Kernels.shared(engine, sources);
  }

  private float[][] call(String calls, String kernel, float[][] x) {
    return rows(
        kernels(Products.FP8_EMULATED, calls).run(manager, kernel, array(x)).singletonOrThrow());
  }

  private float[][] call(Products products, String kernel, Object... arguments) {
    return rows(kernels(products, CALLS).run(manager, kernel, arguments).singletonOrThrow());
  }

  private NDArray array(float[][] x) {
    float[] flat = new float[x.length * x[0].length];
    for (int r = 0; r < x.length; r++) {
      System.arraycopy(x[r], 0, flat, r * x[0].length, x[0].length);
    }
    return manager.create(flat, new Shape(x.length, x[0].length));
  }

  private static float[][] rows(NDArray x) {
    float[] flat = x.toFloatArray();
    int columns = (int) x.getShape().get(1);
    float[][] rows = new float[flat.length / columns][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
    }
    return rows;
  }
}
