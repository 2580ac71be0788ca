package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** What is drawn for a seed hangs on the order of the tokens: the likeliest first. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5, Integer.MAX_VALUE})
  void keepsAllInOrderWhereThereAreNoMore(int topK) {
    int[] order = {1, 2, 0, 3};
    float[] sorted = {3, 2, 1, 0};
    Sampler ofAll = new Sampler(new SamplingSettings(1, 1, 0, 5));
    Sampler ofLikeliest = new Sampler(new SamplingSettings(1, 1, topK, 5));
    for (int i = 0; i < 50; i++) {
      assertThat(ofLikeliest.next(LOGITS)).isEqualTo(order[ofAll.next(sorted)]);
    }
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
  void keepsTheFirstOfEquallyLikelyOnes() {
    float[] logits = {-1, 0, 2, -0f, 2, 2, 0};
    assertThat(draws(new SamplingSettings(1, 1, 2, 5), logits)).containsOnly(2, 4);
    assertThat(draws(new SamplingSettings(100, 1, 5, 5), logits)).containsOnly(1, 2, 3, 4, 5);
    // Each of the three has 0.29 of the probability.
    assertThat(draws(new SamplingSettings(1, 0.5, 0, 5), logits)).containsOnly(2, 4);
  }

  /** The smallest set that reaches the share, found by sorting all. */
  @ParameterizedTest
  @CsvSource({"0.3, 0", "0.9, 0", "0.99, 0", "0.8, 50", "1, 50"})
  void drawsFromTheNucleusOfALargeVocabulary(double topP, int topK) {
    float[] logits = new float[3000];
    Random random = new Random(3);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * random.nextGaussian());
    }
    List<Integer> order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -logits[i]))
            .limit(topK == 0 ? logits.length : topK)
            .toList();
    double total = order.stream().mapToDouble(i -> Math.exp(logits[i])).sum();
    Set<Integer> nucleus = new HashSet<>();
    double sum = 0;
    for (int i = 0; i < order.size() && sum < topP * total; i++) {
      nucleus.add(order.get(i));
      sum += Math.exp(logits[order.get(i)]);
    }
    Set<Integer> drawn = draws(new SamplingSettings(1, topP, topK, 5), logits);
    assertThat(nucleus).containsAll(drawn);
    // At the highest temperature all of top-k are nearly equal, so that all of it are seen.
    if (topP == 1) {
      assertThat(draws(new SamplingSettings(100, topP, topK, 5), logits)).isEqualTo(nucleus);
    }
    assertThat(drawn).hasSizeGreaterThan(Math.min(nucleus.size(), 60) / 2);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 0", "1, 1, 0", "1, 0.9, 0", "1, 1, 1"})
  void refusesWhatIsNoDistribution(double temperature, double topP, int topK) {
    SamplingSettings settings = new SamplingSettings(temperature, topP, topK, 0);
    float infinite = Float.POSITIVE_INFINITY;
    for (float[] logits :
        new float[][] {
          {1, Float.NaN, 0},
          {Float.NaN, 1, 0},
          {1, 0, Float.NaN},
          {1, infinite, 0},
          {-infinite, -infinite, -infinite}
        }) {
      assertThatThrownBy(() -> new Sampler(settings).next(logits))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("logits are not finite");
    }
    assertThat(new Sampler(settings).next(new float[] {-infinite, 1, -infinite})).isEqualTo(1);
  }

  @Test
  void refusesSettingsThatAreNone() {
    assertThatThrownBy(() -> new SamplingSettings(-1, 1, 0, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new SamplingSettings(1, 0, 0, 0)).hasMessageContaining("top_p");
  }

  private static Set<Integer> draws(SamplingSettings settings, float[] logits) {
    Sampler sampler = new Sampler(settings);
    return IntStream.range(0, 2000).mapToObj(i -> sampler.next(logits)).collect(Collectors.toSet());
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
