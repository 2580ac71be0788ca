package io.millrace.encoder.classify.evaluate;

import java.util.List;
import java.util.Map;

/**
 * All that is said of a classifier's answers, in one piece.
 *
 * @param examples with a label
 * @param loss mean negative logarithm of the true class's probability, uncalibrated
 * @param accuracy share of right answers; with one class an example it is the micro mean of
 *     precision, of recall and of F1 too
 * @param macroF1 mean of F1 over the classes that occur or were answered
 * @param macroPrecision likewise
 * @param macroRecall likewise
 * @param calibration of the probabilities as they come
 * @param calibrated of those that the best temperature gives
 * @param confusion by true class and answered class
 * @param classes in the order of their names
 */
public record ClassificationEvaluation(
    long examples,
    double loss,
    double accuracy,
    double macroF1,
    double macroPrecision,
    double macroRecall,
    Calibration calibration,
    Calibration calibrated,
    List<List<Long>> confusion,
    List<ClassFigures> classes) {

  public ClassificationEvaluation {
    confusion = confusion.stream().map(List::copyOf).toList();
    classes = List.copyOf(classes);
  }

  /**
   * How good the answers are for a class; what would be divided by zero is 0.
   *
   * @param name of the class
   * @param examples of it
   * @param answers that named it
   * @param precision share of these answers that are right
   * @param recall share of its examples that were answered right
   * @param f1 harmonic mean of both
   */
  public record ClassFigures(
      String name, long examples, long answers, double precision, double recall, double f1) {

    static ClassFigures of(String name, long examples, long answers, long right) {
      return new ClassFigures(
          name,
          examples,
          answers,
          answers == 0 ? 0 : (double) right / answers,
          examples == 0 ? 0 : (double) right / examples,
          // 2 PR / (P + R), without a division by zero.
          examples + answers == 0 ? 0 : 2.0 * right / (examples + answers));
    }

    boolean counts() {
      return examples > 0 || answers > 0;
    }
  }

  /** The figures that are compared over time. */
  public Map<String, Double> figures() {
    return Map.of(
        "accuracy", accuracy,
        "macro_f1", macroF1,
        "micro_f1", accuracy,
        "macro_precision", macroPrecision,
        "macro_recall", macroRecall,
        "ece", calibration.error(),
        "calibrated_ece", calibrated.error(),
        "temperature", calibrated.temperature());
  }
}
