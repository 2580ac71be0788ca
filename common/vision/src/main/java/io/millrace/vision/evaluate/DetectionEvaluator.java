package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Evaluates detections in every way that {@link Evaluation} tells of. */
public final class DetectionEvaluator {
  private final List<String> classes;
  private final List<EvaluatedPicture> pictures = new ArrayList<>();

  /**
   * An evaluator without pictures.
   *
   * @param classes their names
   */
  public DetectionEvaluator(List<String> classes) {
    this.classes = List.copyOf(classes);
  }

  /**
   * Adds what is true of a picture and what was detected in it.
   *
   * @throws IllegalArgumentException if there is a class that has no name
   */
  public void add(List<LabelledBox> truth, List<Detection> detected) {
    truth.forEach(box -> requireClass(box.classIndex()));
    detected.forEach(one -> requireClass(one.classIndex()));
    pictures.add(new EvaluatedPicture(truth, detected));
  }

  /** The evaluation of all pictures added. */
  public Evaluation evaluate() {
    CocoSummary coco = new CocoEvaluator(classes.size(), pictures).summary();
    VocSummary voc = VocEvaluator.summary(classes.size(), pictures);
    List<ClassEvaluation> evaluated =
        IntStream.range(0, classes.size())
            .mapToObj(c -> evaluate(c, coco.classes().get(c), voc.classes().get(c)))
            .toList();
    List<ClassEvaluation> present = evaluated.stream().filter(one -> one.objects() > 0).toList();
    ConfidenceCurves confidence =
        ConfidenceCurves.mean(present.stream().map(ClassEvaluation::confidence).toList());
    return new Evaluation(
        pictures.size(),
        evaluated.stream().mapToLong(ClassEvaluation::objects).sum(),
        pictures.stream()
            .flatMap(picture -> picture.truth().stream())
            .filter(LabelledBox::crowd)
            .count(),
        evaluated.stream().mapToLong(ClassEvaluation::detections).sum(),
        coco.all(),
        voc.all(),
        ConfidenceCurves.meanOf(present.stream().map(ClassEvaluation::precision).toList()),
        confidence,
        ConfusionMatrix.of(classes.size(), pictures, confidence.bestScore()),
        ErrorAnalysis.of(classes.size(), pictures),
        evaluated);
  }

  private ClassEvaluation evaluate(int classIndex, CocoResult coco, VocResult voc) {
    List<ClassMatches> matches =
        pictures.stream()
            .map(picture -> CocoMatcher.match(picture, classIndex, AreaRange.ALL))
            .toList();
    long positives = matches.stream().mapToLong(ClassMatches::positives).sum();
    long detections =
        pictures.stream()
            .flatMap(picture -> picture.detections().stream())
            .filter(one -> one.classIndex() == classIndex)
            .count();
    List<Curve.Hit> hits = Curve.hits(matches, /* threshold= */ 0, CocoMatcher.MOST_DETECTIONS);
    return new ClassEvaluation(
        classes.get(classIndex),
        positives,
        detections,
        coco,
        voc,
        positives == 0
            ? List.of()
            : ConfidenceCurves.rounded(Curve.of(hits, positives).precisions(Curve.RECALLS)),
        positives == 0 ? ConfidenceCurves.mean(List.of()) : ConfidenceCurves.of(hits, positives));
  }

  private void requireClass(int classIndex) {
    if (classIndex >= classes.size()) {
      throw new IllegalArgumentException(
          "class %d of only %d classes".formatted(classIndex, classes.size()));
    }
  }
}
