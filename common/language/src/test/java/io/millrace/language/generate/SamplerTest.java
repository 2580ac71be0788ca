package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final float[] LOGITS = {1, 3, 2, 0};
  private static final int DRAWS = 40_000;

  @Test
  void takesTheLikeliestWithoutTemperature() {
    assertThat(new Sampler(SamplingSettings.greedy()).next(LOGITS)).isEqualTo(1);
  }

  @Test
  void drawsInProportion() {
    double[] shares = shares(new SamplingSettings(1, 1, 0, 5));
    double total = Math.exp(1) + Math.exp(3) + Math.exp(2) + 1;
    for (int i = 0; i < LOGITS.length; i++) {
      assertThat(shares[i]).isCloseTo(Math.exp(LOGITS[i]) / total, within(0.01));
    }
  }

  @Test
  void keepsTheLikeliestOnly() {
    assertThat(shares(new SamplingSettings(1, 1, 2, 5))).satisfies(s -> only(s, 1, 2));
    // Tokens 1 and 2 have 0.64 and 0.24 of the probability.
    assertThat(shares(new SamplingSettings(1, 0.6, 0, 5))).satisfies(s -> only(s, 1));
    assertThat(shares(new SamplingSettings(1, 0.7, 0, 5))).satisfies(s -> only(s, 1, 2));
  }

  @Test
  void repeatsItselfForASeed() {
    Sampler first = new Sampler(new SamplingSettings(2, 1, 0, 9));
    Sampler second = new Sampler(new SamplingSettings(2, 1, 0, 9));
    int[] draws = IntStream.range(0, 50).map(i -> first.next(LOGITS)).toArray();
    assertThat(IntStream.range(0, 50).map(i -> second.next(LOGITS)).toArray())
        .containsExactly(draws);
    assertThat(draws).contains(0, 1, 2);
  }

  @Test
  void refusesWhatIsNoDistribution() {
    assertThatThrownBy(() ->
            new Sampler(SamplingSettings.greedy())
                .next(new float[] {1, Float.NaN, Float.POSITIVE_INFINITY}))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new SamplingSettings(-1, 1, 0, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new SamplingSettings(1, 0, 0, 0)).hasMessageContaining("top_p");
  }

  private static double[] shares(SamplingSettings settings) {
    Sampler sampler = new Sampler(settings);
    double[] shares = new double[LOGITS.length];
    for (int i = 0; i < DRAWS; i++) {
      shares[sampler.next(LOGITS)] += 1.0 / DRAWS;
    }
    return shares;
  }

  private static void only(double[] shares, int... allowed) {
    double sum = 0;
    for (int i : allowed) {
      assertThat(shares[i]).isPositive();
      sum += shares[i];
    }
    assertThat(sum).isCloseTo(1, within(1e-9));
  }
}
