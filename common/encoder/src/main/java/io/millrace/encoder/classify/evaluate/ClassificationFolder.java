package io.millrace.encoder.classify.evaluate;

import io.millrace.chart.BarChart;
import io.millrace.chart.MatrixChart;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluation.ClassFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * An evaluation as files: {@code evaluation.json}, and pictures as {@code
 * evaluation-confusion.svg}, {@code evaluation-reliability.svg}, {@code
 * evaluation-reliability-calibrated.svg} and {@code evaluation-classes.svg}.
 */
public final class ClassificationFolder {

  /** Classes that a chart shows, those with the most examples first. */
  private static final int MOST = 60;

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private ClassificationFolder() {}

  /** Writes the files into a directory, replacing what is there. */
  public static void write(ClassificationEvaluation evaluation, Path directory) throws IOException {
    Files.write(directory.resolve("evaluation.json"), JSON.writeValueAsBytes(evaluation));
    draw(directory, "confusion", confusion(evaluation).svg());
    draw(directory, "reliability", reliability(evaluation.calibration()).svg());
    draw(directory, "reliability-calibrated", reliability(evaluation.calibrated()).svg());
    draw(directory, "classes", classes(evaluation).svg());
  }

  private static void draw(Path directory, String name, String svg) throws IOException {
    Files.writeString(directory.resolve("evaluation-" + name + ".svg"), svg);
  }

  private static MatrixChart confusion(ClassificationEvaluation evaluation) {
    List<Integer> shown = shown(evaluation);
    List<String> names = shown.stream().map(i -> evaluation.classes().get(i).name()).toList();
    return new MatrixChart(
        text("Confusion, accuracy %.3f%s", evaluation.accuracy(), left(evaluation)),
        "truth",
        "answer",
        names,
        names,
        shown.stream()
            .map(row -> shown.stream().map(evaluation.confusion().get(row)::get).toList())
            .toList());
  }

  private static BarChart reliability(Calibration calibration) {
    return new BarChart(
        text(
            "Right answers by probability, temperature %.2f (expected calibration error %.3f)",
            calibration.temperature(), calibration.error()),
        calibration.bins().stream()
            .filter(bin -> bin.answers() > 0)
            .map(bin ->
                new BarChart.Bar(
                    text("%.2f to %.2f", bin.from(), bin.to()),
                    bin.accuracy(),
                    text(
                        "%.3f right, %.3f said, of %d",
                        bin.accuracy(), bin.confidence(), bin.answers())))
            .toList());
  }

  private static BarChart classes(ClassificationEvaluation evaluation) {
    return new BarChart(
        text("F1 of the classes (macro mean %.3f)%s", evaluation.macroF1(), left(evaluation)),
        shown(evaluation).stream()
            .map(evaluation.classes()::get)
            .map(one ->
                new BarChart.Bar(
                    one.name(),
                    one.f1(),
                    text(
                        "%.3f: precision %.3f, recall %.3f",
                        one.f1(), one.precision(), one.recall())))
            .toList());
  }

  /** Places of the classes that are drawn, in their order. */
  private static List<Integer> shown(ClassificationEvaluation evaluation) {
    List<ClassFigures> classes = evaluation.classes();
    return IntStream.range(0, classes.size())
        .boxed()
        .sorted(Comparator.comparingLong(i -> -classes.get(i).examples()))
        .limit(MOST)
        .sorted()
        .toList();
  }

  private static String left(ClassificationEvaluation evaluation) {
    int classes = evaluation.classes().size();
    return classes > MOST ? text("; %d of %d classes", MOST, classes) : "";
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
