package io.millrace.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeededRandomTest {

  /** A change of these numbers changes every training run. */
  @Test
  void neverChanges() {
    SeededRandom random = SeededRandom.of(1, 2, 3);
    SplittableRandom reference = new SplittableRandom(state(1, 2, 3));
    for (int i = 0; i < 100; i++) {
      assertThat(random.nextLong()).isEqualTo(reference.nextLong());
    }
  }

  private static long state(long... parts) {
    long state = 0;
    for (long part : parts) {
      long inner = new SplittableRandom(part).nextLong();
      state = new SplittableRandom(state + inner).nextLong();
    }
    return state;
  }

  @Test
  void orderAndNumberOfPartsMatter() {
    long first = SeededRandom.of(1, 2).nextLong();
    assertThat(SeededRandom.of(2, 1).nextLong()).isNotEqualTo(first);
    assertThat(SeededRandom.of(1, 2, 0).nextLong()).isNotEqualTo(first);
    assertThat(SeededRandom.of(1, 2).nextLong()).isEqualTo(first);
  }

  @Test
  void isUniform() {
    SeededRandom random = SeededRandom.of(9);
    int[] counts = new int[10];
    double sum = 0;
    for (int i = 0; i < 100_000; i++) {
      counts[random.below(10)]++;
      sum += random.between(-1, 3);
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_500, 10_500);
    }
    assertThat(sum / 100_000).isCloseTo(1, within(0.02));
    assertThatThrownBy(() -> random.below(0)).hasMessageContaining("0");
  }
}
