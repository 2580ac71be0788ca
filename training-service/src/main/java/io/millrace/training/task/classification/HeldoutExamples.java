package io.millrace.training.task.classification;

import io.millrace.encoder.classify.ClassifierConfigFile;
import io.millrace.encoder.classify.ClassifierTraining;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluation;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluation.ClassFigures;
import io.millrace.encoder.classify.evaluate.ClassificationEvaluator;
import io.millrace.encoder.classify.evaluate.ClassificationFolder;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** All that {@link ClassificationEvaluator} tells of held-out examples with a label. */
final class HeldoutExamples implements TrainingTask.Evaluation<ExampleBatch> {

  private final ClassifierTraining trainer;
  private final boolean calibrate;
  private final ClassificationEvaluator evaluator;

  /**
   * An evaluation without examples.
   *
   * @param calibrate whether the model gets the temperature that suits the examples best
   */
  HeldoutExamples(ClassifierTraining trainer, boolean calibrate) {
    this.trainer = trainer;
    this.calibrate = calibrate;
    this.evaluator = new ClassificationEvaluator(trainer.config().classes());
  }

  @Override
  public void add(ExampleBatch batch) {
    float[][] logits = trainer.logits(batch.inputs());
    for (int i = 0; i < logits.length; i++) {
      if (batch.classes()[i] != ExampleBatch.NONE) {
        evaluator.add((int) batch.classes()[i], logits[i]);
      }
    }
  }

  @Override
  public Map<String, Double> figures() {
    if (evaluator.examples() == 0) {
      return Map.of();
    }
    ClassificationEvaluation found = evaluator.evaluate();
    Map<String, Double> figures = new HashMap<>(found.figures());
    figures.put("heldout_loss", found.loss());
    figures.put("heldout_examples", (double) found.examples());
    for (ClassFigures one : found.classes()) {
      if (one.examples() > 0) {
        figures.put("f1." + one.name(), one.f1());
      }
    }
    return figures;
  }

  @Override
  public void write(Path directory) throws IOException {
    if (evaluator.examples() == 0) {
      return;
    }
    ClassificationEvaluation found = evaluator.evaluate();
    ClassificationFolder.write(found, directory);
    if (calibrate) {
      ClassifierConfigFile.write(
          trainer.config().withTemperature(found.calibrated().temperature()), directory);
    }
  }
}
