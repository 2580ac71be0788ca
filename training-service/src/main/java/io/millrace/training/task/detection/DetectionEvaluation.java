package io.millrace.training.task.detection;

import io.millrace.training.task.TrainingTask;
import io.millrace.vision.box.Detection;
import io.millrace.vision.evaluate.ClassEvaluation;
import io.millrace.vision.evaluate.DetectionEvaluator;
import io.millrace.vision.evaluate.Evaluation;
import io.millrace.vision.evaluate.EvaluationFolder;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that {@link DetectionEvaluator} tells of held-out pictures, in their own pixels, and the loss
 * on them.
 */
final class DetectionEvaluation implements TrainingTask.Evaluation<SampleBatch> {
  /** Precision counts detections of every score; COCO takes the best 100 of a picture. */
  private static final double MIN_SCORE = 0.01;

  private static final int MOST = 100;

  private final DetectorTrainer trainer;
  private final DetectionEvaluator evaluator;
  private double loss;
  private long images;
  private @Nullable Evaluation evaluation;

  DetectionEvaluation(DetectorTrainer trainer) {
    this.trainer = trainer;
    this.evaluator = new DetectionEvaluator(trainer.config().classes());
  }

  @Override
  public void add(SampleBatch batch) {
    loss += trainer.evaluate(batch).total() * batch.size();
    images += batch.size();
    List<List<Detection>> found = trainer.detect(batch, MIN_SCORE, MOST);
    for (int i = 0; i < batch.size(); i++) {
      evaluator.add(batch.truth(i), batch.inOwnPixels(i, found.get(i)));
    }
    evaluation = null;
  }

  @Override
  public Map<String, Double> figures() {
    if (images == 0) {
      return Map.of();
    }
    Map<String, Double> figures = new HashMap<>();
    figures.put("heldout_loss", loss / images);
    figures.put("heldout_images", (double) images);
    Evaluation result = evaluation();
    figures.putAll(result.coco().figures());
    for (ClassEvaluation one : result.classes()) {
      // COCO says -1 where there is no truth to find; then there is no such figure.
      if (one.coco().map() >= 0) {
        figures.put("map." + one.name(), one.coco().map());
      }
    }
    return figures;
  }

  @Override
  public void write(Path directory) throws IOException {
    if (images > 0) {
      EvaluationFolder.write(evaluation(), directory);
    }
  }

  private Evaluation evaluation() {
    if (evaluation == null) {
      evaluation = evaluator.evaluate();
    }
    return evaluation;
  }
}
