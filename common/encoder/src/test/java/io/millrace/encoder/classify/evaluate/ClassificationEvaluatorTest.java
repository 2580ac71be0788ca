package io.millrace.encoder.classify.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.encoder.classify.evaluate.ClassificationEvaluation.ClassFigures;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassificationEvaluatorTest {

  private static final List<String> CLASSES = List.of("a", "b", "c", "never");

  /** Logits that make a class as likely as said, and the others alike. */
  static float[] sure(int answer, double probability, int classes) {
    float[] logits = new float[classes];
    logits[answer] = (float) Math.log(probability * (classes - 1) / (1 - probability));
    return logits;
  }

  private static ClassificationEvaluator evaluator(int[][] truthsAndAnswers) {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(CLASSES);
    for (int[] one : truthsAndAnswers) {
      evaluator.add(one[0], sure(one[1], 0.7, CLASSES.size()));
    }
    return evaluator;
  }

  /** Counted by hand, and as scikit-learn's f1_score counts them. */
  @Test
  void countsPrecisionRecallAndF1() {
    int[][] seen = {{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 2}, {2, 2}};
    ClassificationEvaluation evaluation = evaluator(seen).evaluate();
    assertThat(evaluation.examples()).isEqualTo(8);
    assertThat(evaluation.accuracy()).isEqualTo(5.0 / 8);
    assertThat(evaluation.classes())
        .containsExactly(
            new ClassFigures("a", 4, 4, 0.75, 0.75, 0.75),
            new ClassFigures("b", 3, 2, 0.5, 1.0 / 3, 0.4),
            new ClassFigures("c", 1, 2, 0.5, 1, 2.0 / 3),
            new ClassFigures("never", 0, 0, 0, 0, 0));
    // The class that never occurs and is never answered is in no mean.
    assertThat(evaluation.macroF1()).isEqualTo((0.75 + 0.4 + 2.0 / 3) / 3, within(1e-12));
    assertThat(evaluation.macroPrecision()).isEqualTo(1.75 / 3, within(1e-12));
    assertThat(evaluation.macroRecall()).isEqualTo((0.75 + 1.0 / 3 + 1) / 3, within(1e-12));
    assertThat(evaluation.figures())
        .containsEntry("micro_f1", 5.0 / 8)
        .containsEntry("macro_f1", evaluation.macroF1());
    assertThat(evaluation.confusion())
        .containsExactly(
            List.of(3L, 1L, 0L, 0L),
            List.of(1L, 1L, 1L, 0L),
            List.of(0L, 0L, 1L, 0L),
            List.of(0L, 0L, 0L, 0L));
  }

  /** A class that does not occur but is answered is a mistake that the mean sees. */
  @Test
  void countsAClassThatIsOnlyAnswered() {
    ClassificationEvaluation evaluation = evaluator(new int[][] {{0, 0}, {1, 3}}).evaluate();
    assertThat(evaluation.macroF1()).isEqualTo((1.0 + 0 + 0) / 3, within(1e-12));
    assertThat(evaluation.macroRecall()).isEqualTo(1.0 / 3, within(1e-12));
  }

  /** Four answers at 0.9, three of them right; one wrong at 0.6: .8 |.9 - .75| + .2 |.6 - 0|. */
  @Test
  void measuresTheExpectedCalibrationError() {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(List.of("a", "b"));
    for (int truth : new int[] {0, 0, 0, 1}) {
      evaluator.add(truth, sure(0, 0.9, 2));
    }
    evaluator.add(1, sure(0, 0.6, 2));
    Calibration calibration = evaluator.evaluate().calibration();
    assertThat(calibration.temperature()).isEqualTo(1);
    assertThat(calibration.error()).isEqualTo(0.8 * 0.15 + 0.2 * 0.6, within(1e-6));
    assertThat(calibration.bins()).hasSize(15);
    Calibration.Bin high = calibration.bins().get(13);
    assertThat(high.answers()).isEqualTo(4);
    assertThat(high.from()).isEqualTo(13 / 15.0);
    assertThat(high.confidence()).isEqualTo(0.9, within(1e-6));
    assertThat(high.accuracy()).isEqualTo(0.75);
    // Nothing is as sure as this; 0.6 is the upper end of its bin, or just above it.
    assertThat(calibration.bins().get(14).answers()).isZero();
    assertThat(calibration.loss())
        .isEqualTo(-(3 * Math.log(0.9) + Math.log(0.1) + Math.log(0.4)) / 5, within(1e-6));
  }

  @Test
  void putsSureAnswersIntoTheLastBin() {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(List.of("a", "b"));
    evaluator.add(0, new float[] {500, -500});
    Calibration calibration = evaluator.evaluate().calibration();
    assertThat(calibration.bins().get(14).answers()).isEqualTo(1);
    assertThat(calibration.error()).isZero();
    assertThat(calibration.loss()).isZero();
  }

  /** Logits that are drawn from true ones and multiplied are best divided by the same. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3})
  void findsTheTemperatureOfOverconfidentLogits(double factor) {
    Random random = new Random(5);
    ClassificationEvaluator evaluator = new ClassificationEvaluator(List.of("a", "b", "c"));
    for (int i = 0; i < 20_000; i++) {
      float[] logits = new float[3];
      double[] weights = new double[3];
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        logits[c] = (float) random.nextGaussian();
        weights[c] = Math.exp(logits[c]);
        sum += weights[c];
        logits[c] *= (float) factor;
      }
      double drawn = random.nextDouble() * sum;
      int truth = drawn < weights[0] ? 0 : drawn < weights[0] + weights[1] ? 1 : 2;
      evaluator.add(truth, logits);
    }
    ClassificationEvaluation evaluation = evaluator.evaluate();
    Calibration calibrated = evaluation.calibrated();
    assertThat(calibrated.temperature()).isEqualTo(factor, within(factor * 0.1));
    assertThat(calibrated.error()).isLessThan(0.02);
    assertThat(calibrated.loss()).isLessThanOrEqualTo(evaluation.loss());
    if (factor != 1) {
      assertThat(evaluation.calibration().error()).isGreaterThan(0.05);
    }
  }

  @Test
  void refusesWhatCannotBeEvaluated() {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(List.of("a", "b"));
    assertThatThrownBy(evaluator::evaluate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> evaluator.add(2, new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> evaluator.add(0, new float[3]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> evaluator.add(0, new float[] {0, Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(evaluator.examples()).isZero();
  }
}
