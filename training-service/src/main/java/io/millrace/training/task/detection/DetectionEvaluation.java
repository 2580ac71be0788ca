package io.millrace.training.task.detection;

import io.millrace.training.task.TrainingTask;
import io.millrace.vision.box.Detection;
import io.millrace.vision.evaluate.CocoEvaluator;
import io.millrace.vision.evaluate.CocoResult;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.SampleBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** COCO's average precision, in the pictures' own pixels, and the loss on held-out pictures. */
final class DetectionEvaluation implements TrainingTask.Evaluation<SampleBatch> {
  /** Precision counts detections of every score; COCO takes the best 100 of a picture. */
  private static final double MIN_SCORE = 0.01;

  private static final int MOST = 100;

  private final DetectorTrainer trainer;
  private final CocoEvaluator evaluator;
  private double loss;
  private long images;

  DetectionEvaluation(DetectorTrainer trainer) {
    this.trainer = trainer;
    this.evaluator = new CocoEvaluator(trainer.config().classes().size());
  }

  @Override
  public void add(SampleBatch batch) {
    loss += trainer.evaluate(batch).total() * batch.size();
    images += batch.size();
    List<List<Detection>> found = trainer.detect(batch, MIN_SCORE, MOST);
    for (int i = 0; i < batch.size(); i++) {
      evaluator.add(batch.truth(i), batch.inOwnPixels(i, found.get(i)));
    }
  }

  @Override
  public Map<String, Double> figures() {
    if (images == 0) {
      return Map.of();
    }
    Map<String, Double> figures = new HashMap<>();
    figures.put("heldout_loss", loss / images);
    figures.put("heldout_images", (double) images);
    CocoResult result = evaluator.evaluate();
    // COCO says -1 where there is no truth to find; then there is no such figure.
    if (result.map() >= 0) {
      figures.put("map", result.map());
      figures.put("map50", result.map50());
    }
    return figures;
  }
}
