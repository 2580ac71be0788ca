package io.millrace.vision.evaluate;

import io.millrace.chart.BarChart;
import io.millrace.chart.LineChart;
import io.millrace.chart.MatrixChart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * An evaluation as files: {@code evaluation.json}, and pictures as {@code
 * evaluation-precision-recall.svg}, {@code evaluation-confidence.svg}, {@code
 * evaluation-confusion.svg} and {@code evaluation-errors.svg}.
 */
public final class EvaluationFolder {
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private EvaluationFolder() {}

  /** Writes the files into a directory, replacing what is there. */
  public static void write(Evaluation evaluation, Path directory) throws IOException {
    Files.write(directory.resolve("evaluation.json"), JSON.writeValueAsBytes(evaluation));
    draw(directory, "precision-recall", precisionRecall(evaluation).svg());
    draw(directory, "confidence", confidence(evaluation).svg());
    draw(directory, "confusion", confusion(evaluation).svg());
    draw(directory, "errors", errors(evaluation).svg());
  }

  private static void draw(Path directory, String name, String svg) throws IOException {
    Files.writeString(directory.resolve("evaluation-" + name + ".svg"), svg);
  }

  private static LineChart precisionRecall(Evaluation evaluation) {
    List<LineChart.Line> lines = new ArrayList<>();
    lines.add(new LineChart.Line("all classes", evaluation.precision()));
    evaluation.classes().stream()
        .filter(one -> one.objects() > 0)
        .forEach(one -> lines.add(new LineChart.Line(one.name(), one.precision())));
    return new LineChart(
        text("Precision over recall, IoU .50 (mean %.3f)", evaluation.coco().map50()),
        "recall",
        "precision",
        lines);
  }

  private static LineChart confidence(Evaluation evaluation) {
    ConfidenceCurves curves = evaluation.confidence();
    return new LineChart(
        text("Over the least score, IoU .50 (F1 is best at %.2f)", curves.bestScore()),
        "score",
        "share",
        List.of(
            new LineChart.Line("precision", curves.precision()),
            new LineChart.Line("recall", curves.recall()),
            new LineChart.Line("F1", curves.f1())));
  }

  private static MatrixChart confusion(Evaluation evaluation) {
    List<String> truths = new ArrayList<>(evaluation.classNames());
    List<String> found = new ArrayList<>(evaluation.classNames());
    truths.add("(background)");
    found.add("(missed)");
    return new MatrixChart(
        text("Confusion, score from %.2f", evaluation.confusion().minScore()),
        "truth",
        "detected as",
        truths,
        found,
        evaluation.confusion().counts());
  }

  private static BarChart errors(Evaluation evaluation) {
    ErrorAnalysis errors = evaluation.errors();
    return new BarChart(
        text("What a repair would gain in AP50 (%.3f)", errors.ap()),
        List.of(
            bar("classification", errors.classification()),
            bar("localisation", errors.localisation()),
            bar("both", errors.both()),
            bar("duplicate", errors.duplicate()),
            bar("background", errors.background()),
            bar("missed", errors.missed())));
  }

  private static BarChart.Bar bar(String name, ErrorAnalysis.Errors errors) {
    return new BarChart.Bar(
        name, errors.gain(), text("%.3f, of %d errors", errors.gain(), errors.count()));
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
