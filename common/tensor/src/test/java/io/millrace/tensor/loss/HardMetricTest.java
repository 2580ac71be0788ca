package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What surrogates become at high temperatures, and what they are at the ends. */
class HardMetricTest {

  private static final double HIGH = 1e6;

  private final LossTester tester = new LossTester();

  @AfterEach
  void close() {
    tester.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "soft_accuracy",
        "soft_f1",
        "soft_f1(average=micro)",
        "soft_f1(average=binary, positive=2)",
        "dice",
        "dice(average=micro)",
        "dice(average=binary)",
        "tversky",
        "tversky(alpha=0.9, beta=0.2, average=micro)",
        "tversky(alpha=1, beta=1, average=binary)",
        "straight_through_accuracy",
        "straight_through_f1"
      })
  void anInfiniteTemperatureGivesTheMetricOfTheHighestClasses(String written) {
    Metric metric = ((Loss.Surrogate) LossTester.loss(written)).metric();
    for (int seed = 0; seed < 20; seed++) {
      ScalarMetrics.Rows rows = ScalarMetrics.rows(seed, 1 + seed, 3);
      double hard = ScalarMetrics.of(metric, rows.decided(), rows.labels(), 3);
      assertThat(tester.of(written, rows, HIGH).loss()).isCloseTo(1 - hard, within(1e-9));
    }
  }

  @Test
  void anInfiniteTemperatureGivesTheAveragePrecision() {
    for (int seed = 0; seed < 20; seed++) {
      ScalarMetrics.Rows rows = ScalarMetrics.rows(seed, 1 + seed, 3);
      assertThat(tester.of("smooth_ap", rows, HIGH).loss())
          .isCloseTo(1 - ScalarMetrics.meanAveragePrecision(rows), within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soft_f1", "dice", "tversky", "smooth_ap", "soft_accuracy"})
  void perfectScoresLoseNothingAndTheWorstAll(String written) {
    long[] labels = {0, 1, 1, 0, 1};
    double[][] right = {{9, 0}, {0, 7}, {0, 8}, {7, 0}, {0, 9}};
    double[][] wrong = {{0, 9}, {7, 0}, {8, 0}, {0, 7}, {9, 0}};
    assertThat(tester.of(written, new ScalarMetrics.Rows(right, labels), 50).loss())
        .isCloseTo(0, within(1e-9));
    double worst = tester.of(written, new ScalarMetrics.Rows(wrong, labels), 50).loss();
    // An order cannot be worse than to have all others before: precisions 1/4, 2/5 and 1/3, 2/4,
    // 3/5
    // here.
    double order = (13.0 / 40 + 43.0 / 90) / 2;
    assertThat(worst).isCloseTo(written.equals("smooth_ap") ? 1 - order : 1, within(1e-9));
  }

  @Test
  void softF1OfOneClassIsWhatItsDefinitionSays() {
    ScalarMetrics.Rows rows = ScalarMetrics.rows(3, 12, 2);
    double both = 0;
    double decided = 0;
    double squares = 0;
    double is = 0;
    for (int row = 0; row < rows.count(); row++) {
      double p = ScalarMetrics.softmax(rows.logits()[row])[1];
      both += rows.labels()[row] * p;
      decided += p;
      squares += p * p;
      is += rows.labels()[row];
    }
    assertThat(tester.of("soft_f1(average=binary)", rows, 1).loss())
        .isCloseTo(1 - 2 * both / (decided + is), within(1e-12));
    assertThat(tester.of("dice(average=binary)", rows, 1).loss())
        .isCloseTo(1 - 2 * both / (squares + is), within(1e-12));
    assertThat(tester.of("tversky(alpha=0.5, beta=0.5, average=binary)", rows, 1).loss())
        .isCloseTo(1 - 2 * both / (decided + is), within(1e-12));
    assertThat(tester.of("soft_f1(average=micro)", rows, 1).loss())
        .as("each row has one label")
        .isCloseTo(tester.of("soft_accuracy", rows, 1).loss(), within(1e-12));
  }

  @Test
  void classesWithoutRowsDoNotCount() {
    double[][] three = {{2, 0, -50}, {0, 1, -50}, {1, 0, -50}};
    double[][] two = {{2, 0}, {0, 1}, {1, 0}};
    long[] labels = {0, 1, 1};
    for (String written : new String[] {"soft_f1", "dice", "tversky", "smooth_ap"}) {
      assertThat(tester.of(written, new ScalarMetrics.Rows(three, labels), 1).loss())
          .as(written)
          .isCloseTo(
              tester.of(written, new ScalarMetrics.Rows(two, labels), 1).loss(), within(1e-12));
    }
    LossTester.Found absent =
        tester.of("soft_f1(average=binary, positive=2)", new ScalarMetrics.Rows(three, labels), 1);
    assertThat(absent.loss()).isEqualTo(1);
    assertThat(absent.slope()).containsOnly(0);
  }

  @Test
  void oneRowIsEnough() {
    ScalarMetrics.Rows one =
        new ScalarMetrics.Rows(new double[][] {{0.2, -0.4, 1}}, new long[] {2});
    double p = ScalarMetrics.softmax(one.logits()[0])[2];
    assertThat(tester.of("cross_entropy", one, 1).loss()).isCloseTo(-Math.log(p), within(1e-12));
    assertThat(tester.of("soft_accuracy", one, 1).loss()).isCloseTo(1 - p, within(1e-12));
    assertThat(tester.of("soft_f1", one, 1).loss()).isCloseTo(1 - 2 * p / (p + 1), within(1e-12));
    assertThat(tester.of("smooth_ap", one, 1).loss()).isEqualTo(0);
    for (String name : LossNames.all()) {
      assertThat(Arrays.stream(tester.of(name, one, 1).slope())).allMatch(Double::isFinite);
    }
  }
}
