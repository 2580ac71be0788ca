package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every loss that has a gradient of its own, against finite differences in float64. */
class SurrogateGradientTest {

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
        "soft_f1(average=micro)",
        "soft_f1(average=binary, positive=2)",
        "dice",
        "dice(average=micro)",
        "dice(average=binary)",
        "tversky",
        "tversky(alpha=1, beta=1, average=micro)",
        "tversky(alpha=0.9, beta=0.2, average=binary, positive=0)",
        "smooth_ap",
        "gumbel_accuracy",
        "gumbel_f1",
        "gumbel_f1(average=binary)"
      })
  void isThatOfFiniteDifferences(String written) {
    ScalarMetrics.Rows rows = ScalarMetrics.rows(5, 9, 4);
    RowLabels labels = weighted(rows);
    NDArray logits = tester.manager.create(rows.flat(), new Shape(9, 4));
    LossTester.Found found = tester.of(written, logits, labels, 1.7, 3);
    NDArray slope = tester.manager.create(found.slope(), new Shape(9, 4));

    GradientCheck.standard()
        .compare(
            at -> tester.of(written, at.get(0), labels, 1.7, 3).loss(),
            new NDList(logits),
            new NDList(slope))
        .requireBelow(1e-7);
    assertThat(Arrays.stream(found.slope())).anyMatch(one -> Math.abs(one) > 1e-4);

    LossTester.Found single =
        tester.of(written, logits.toType(DataType.FLOAT32, false), labels, 1.7, 3);
    assertThat(single.loss()).isCloseTo(found.loss(), within(1e-5));
    assertThat(single.slope()).containsExactly(found.slope(), within(1e-5));
  }

  /** The third row is ignored, and others weigh what their classes do. */
  private static RowLabels weighted(ScalarMetrics.Rows rows) {
    long[] labels = rows.labels().clone();
    labels[2] = -1;
    return RowLabels.weighted(labels, new double[] {1, 0.5, 2, 1.5});
  }
}
