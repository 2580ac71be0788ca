package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PooledStepsTest {

  @Test
  void fillsUpByAQuarterAtMostToFewSizes() {
    assertThat(IntStream.rangeClosed(1, 9).map(size -> PooledSteps.filled(size, 1)))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 10);
    assertThat(PooledSteps.filled(65, 1)).isEqualTo(80);
    assertThat(PooledSteps.filled(1, 64)).isEqualTo(64);
    assertThat(PooledSteps.filled(300, 64)).isEqualTo(320);
    assertThat(PooledSteps.filled(4097, 64)).isEqualTo(5120);
    assertThat(IntStream.rangeClosed(1, 1024).map(size -> PooledSteps.filled(size, 1)).distinct())
        .hasSize(4 * 8 + 4);
    assertThat(IntStream.rangeClosed(1, 5000))
        .allSatisfy(
            size -> assertThat(PooledSteps.filled(size, 1)).isBetween(size, size + size / 4));
  }
}
