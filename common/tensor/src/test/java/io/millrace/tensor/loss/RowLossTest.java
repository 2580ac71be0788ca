package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of labels, ignored rows, and what does not fit. */
class RowLossTest {

  private static final ScalarMetrics.Rows ROWS = ScalarMetrics.rows(1, 6, 3);

  private final LossTester tester = new LossTester();

  @AfterEach
  void close() {
    tester.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy",
        "focal",
        "soft_accuracy",
        "soft_f1",
        "dice",
        "tversky",
        "smooth_ap",
        "straight_through_f1"
      })
  void anIgnoredRowIsAsIfItWereNotThere(String written) {
    long[] labels = ROWS.labels().clone();
    labels[5] = -1;
    LossTester.Found ignored = tester.of(written, ROWS, RowLabels.of(labels), 1, 1);
    ScalarMetrics.Rows fewer =
        new ScalarMetrics.Rows(Arrays.copyOf(ROWS.logits(), 5), Arrays.copyOf(labels, 5));
    LossTester.Found gone = tester.of(written, fewer, 1);
    assertThat(ignored.loss()).isCloseTo(gone.loss(), within(1e-12));
    assertThat(Arrays.copyOf(ignored.slope(), 15)).containsExactly(gone.slope(), within(1e-12));
    assertThat(Arrays.copyOfRange(ignored.slope(), 15, 18)).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy",
        "focal",
        "soft_accuracy",
        "soft_f1",
        "dice",
        "tversky",
        "smooth_ap"
      })
  void aRowThatWeighsTwoIsTwoRows(String written) {
    double[] weights = {1, 1, 2, 1, 1, 1};
    RowLabels weighted = new RowLabels(ROWS.labels(), weights);
    double[][] logits = Arrays.copyOf(ROWS.logits(), 7);
    logits[6] = ROWS.logits()[2];
    long[] labels = Arrays.copyOf(ROWS.labels(), 7);
    labels[6] = labels[2];
    // Of two rows with one score, each is half above the other; a row that weighs two is not above
    // itself.
    double tolerance = written.equals("smooth_ap") ? 0.05 : 1e-12;
    assertThat(tester.of(written, ROWS, weighted, 1, 1).loss())
        .isCloseTo(
            tester.of(written, new ScalarMetrics.Rows(logits, labels), 1).loss(),
            within(tolerance));
  }

  @Test
  void crossEntropyIsTheWeightedMean() {
    double[] weights = {0.5, 2, 3};
    double sum = 0;
    double total = 0;
    for (int row = 0; row < 6; row++) {
      int label = Math.toIntExact(ROWS.labels()[row]);
      sum -= weights[label] * Math.log(ScalarMetrics.softmax(ROWS.logits()[row])[label]);
      total += weights[label];
    }
    assertThat(
            tester
                .of("cross_entropy", ROWS, RowLabels.weighted(ROWS.labels(), weights), 1, 1)
                .loss())
        .isCloseTo(sum / total, within(1e-12));
  }

  @Test
  void refusesWhatDoesNotFit() {
    NDArray logits = tester.manager.create(ROWS.flat(), new Shape(6, 3));
    assertThatThrownBy(() -> tester.of("soft_f1", logits, RowLabels.of(0, 1, 2, 0, 3, 0), 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the label of row 4 is 3; classes are from 0 to 2");
    assertThatThrownBy(() -> tester.of("soft_f1", logits, RowLabels.of(0, 1), 1, 1))
        .hasMessageContaining("for 2 labels; they must be [rows, classes]");
    assertThatThrownBy(
            () -> tester.of("soft_f1", logits, RowLabels.of(-1, -1, -1, -1, -1, -1), 1, 1))
        .hasMessage("no row of 6 has a label that weighs anything; a loss needs one");
    assertThatThrownBy(() ->
            tester.of(
                "soft_f1(average=binary, positive=3)", logits, RowLabels.of(ROWS.labels()), 1, 1))
        .hasMessage("positive is 3; classes are from 0 to 2");
    assertThatThrownBy(() -> RowLabels.weighted(new long[] {0, 2}, new double[] {1, 1}))
        .hasMessage("the label of row 1 is 2; classes are from 0 to 1");
    assertThatThrownBy(() -> RowLabels.weighted(new long[] {0}, new double[] {Double.NaN}))
        .hasMessageContaining("the weight of class 0 is NaN");
    assertThatThrownBy(() -> new RowLabels(new long[2], new double[3]))
        .hasMessage("2 labels and 3 weights");
  }
}
