package io.millrace.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.tensor.check.ScalarDraws;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrawsTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, List.of(Draws.kernel()));
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private long[] hashes(long seed, int stream, int count) {
    return kernels
        .run(manager, "hashes", manager.create(seed), stream, count)
        .singletonOrThrow()
        .toLongArray();
  }

  private int[] drawn(boolean[] among, long seed, int stream, int most) {
    NDArray places =
        kernels
            .run(manager, "drawn", manager.create(among), manager.create(seed), stream, most)
            .singletonOrThrow();
    return Arrays.stream(places.toLongArray()).mapToInt(Math::toIntExact).toArray();
  }

  @Test
  void hashesAreThoseOfTheScalarReference() {
    for (long seed : new long[] {0, 1, 12345, 0xffff_ffffL}) {
      for (int stream : new int[] {1, 2, 9}) {
        long[] found = hashes(seed, stream, 500);
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i]).isEqualTo(ScalarDraws.hash(seed, stream, i)).isBetween(0L, 1L << 32);
        }
      }
    }
  }

  @Test
  void drawsAsManyAsAreWantedOfThoseThatAreTrue() {
    boolean[] among = new boolean[300];
    IntStream.range(0, 300).forEach(i -> among[i] = i % 3 == 0);
    List<Integer> places = IntStream.range(0, 300).filter(i -> i % 3 == 0).boxed().toList();
    for (int seed = 0; seed < 5; seed++) {
      assertThat(drawn(among, seed, 1, 20))
          .hasSize(20)
          .containsExactly(
              ScalarDraws.drawn(places, seed, 1, 20).stream().mapToInt(i -> i).toArray());
    }
    assertThat(drawn(among, 7, 1, 20))
        .isNotEqualTo(drawn(among, 8, 1, 20))
        .isNotEqualTo(drawn(among, 7, 2, 20))
        .isEqualTo(drawn(among, 7, 1, 20));
    assertThat(drawn(among, 7, 1, 100)).hasSize(100);
    assertThat(drawn(among, 7, 1, 1000)).hasSize(100);
    assertThat(drawn(among, 7, 1, 0)).isEmpty();
    assertThat(drawn(new boolean[4], 7, 1, 3)).isEmpty();
  }

  @Test
  void allPlacesAreAlikeLikely() {
    int[] times = new int[16];
    boolean[] among = new boolean[16];
    Arrays.fill(among, true);
    for (int seed = 0; seed < 2000; seed++) {
      for (int place : drawn(among, seed, 3, 4)) {
        times[place]++;
      }
    }
    // 500 expected, with a deviation of 19.
    assertThat(times)
        .satisfies(all -> Arrays.stream(all).forEach(one -> assertThat(one).isBetween(420, 580)));
  }

  @Test
  void uniformNumbersAreSpreadEvenly() {
    NDArray like = manager.create(new float[0]);
    float[] found =
        kernels
            .run(manager, "uniform", manager.create(3L), 1, 20_000, like)
            .singletonOrThrow()
            .toFloatArray();
    double sum = 0;
    double squares = 0;
    double neighbours = 0;
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isBetween(0f, 0.99999994f);
      sum += found[i];
      squares += (found[i] - 0.5) * (found[i] - 0.5);
      neighbours += i == 0 ? 0 : (found[i] - 0.5) * (found[i - 1] - 0.5);
    }
    assertThat(sum / found.length).isCloseTo(0.5, within(0.01));
    assertThat(squares / found.length).isCloseTo(1 / 12.0, within(0.003));
    assertThat(neighbours / found.length).isCloseTo(0, within(0.003));
    assertThat(like.getDataType()).isEqualTo(DataType.FLOAT32);
  }
}
