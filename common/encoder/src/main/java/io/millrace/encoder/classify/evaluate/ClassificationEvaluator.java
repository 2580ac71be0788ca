package io.millrace.encoder.classify.evaluate;

import io.millrace.encoder.classify.evaluate.ClassificationEvaluation.ClassFigures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Evaluates a classifier's logits. Of examples only sums are kept, so that there may be any number:
 * the temperature that calibrates best is the one with the lowest loss of {@value #TEMPERATURES}
 * from 1/8 to 8, each 9 % above the one before.
 */
public final class ClassificationEvaluator {

  private static final int TEMPERATURES = 49;
  private static final int STEPS_OF_TWO = 8;

  private final List<String> classes;
  private final long[][] confusion;
  private final List<CalibrationSums> calibrations;
  private long examples;

  /**
   * An evaluator without examples.
   *
   * @param classes their names
   */
  public ClassificationEvaluator(List<String> classes) {
    this.classes = List.copyOf(classes);
    this.confusion = new long[classes.size()][classes.size()];
    this.calibrations =
        IntStream.range(0, TEMPERATURES)
            .mapToDouble(i -> Math.pow(2, (i - TEMPERATURES / 2) / (double) STEPS_OF_TWO))
            .mapToObj(CalibrationSums::new)
            .toList();
  }

  /**
   * Adds an example.
   *
   * @param truth its class
   * @param logits one a class
   * @throws IllegalArgumentException if there is no such class, or another number of logits, or one
   *     is not a number
   */
  public void add(int truth, float[] logits) {
    if (truth < 0 || truth >= classes.size() || logits.length != classes.size()) {
      throw new IllegalArgumentException(
          "an example of class %d with %d logits, of %d classes"
              .formatted(truth, logits.length, classes.size()));
    }
    int answer = 0;
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isFinite(logits[i])) {
        throw new IllegalArgumentException("a logit of " + logits[i]);
      }
      answer = logits[i] > logits[answer] ? i : answer;
    }
    confusion[truth][answer]++;
    examples++;
    for (CalibrationSums sums : calibrations) {
      sums.add(logits, truth, answer);
    }
  }

  /** Examples added. */
  public long examples() {
    return examples;
  }

  /**
   * The evaluation of all examples added.
   *
   * @throws IllegalStateException if there is none
   */
  public ClassificationEvaluation evaluate() {
    if (examples == 0) {
      throw new IllegalStateException("there is no example to evaluate");
    }
    List<ClassFigures> figures =
        IntStream.range(0, classes.size()).mapToObj(this::figures).toList();
    CalibrationSums plain = calibrations.get(TEMPERATURES / 2);
    CalibrationSums best =
        calibrations.stream().min(Comparator.comparingDouble(CalibrationSums::loss)).orElse(plain);
    long right = IntStream.range(0, classes.size()).mapToLong(c -> confusion[c][c]).sum();
    return new ClassificationEvaluation(
        examples,
        plain.loss(),
        (double) right / examples,
        mean(figures, ClassFigures::f1),
        mean(figures, ClassFigures::precision),
        mean(figures, ClassFigures::recall),
        plain.calibration(),
        best.calibration(),
        counts(),
        figures);
  }

  private ClassFigures figures(int classIndex) {
    long answers = Arrays.stream(confusion).mapToLong(row -> row[classIndex]).sum();
    return ClassFigures.of(
        classes.get(classIndex),
        Arrays.stream(confusion[classIndex]).sum(),
        answers,
        confusion[classIndex][classIndex]);
  }

  private static double mean(List<ClassFigures> figures, ToDoubleFunction<ClassFigures> of) {
    return figures.stream().filter(ClassFigures::counts).mapToDouble(of).average().orElse(0);
  }

  private List<List<Long>> counts() {
    List<List<Long>> counts = new ArrayList<>();
    for (long[] row : confusion) {
      counts.add(Arrays.stream(row).boxed().toList());
    }
    return counts;
  }
}
