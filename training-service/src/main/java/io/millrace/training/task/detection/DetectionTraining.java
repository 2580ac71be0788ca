package io.millrace.training.task.detection;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TrainingTask;
import io.millrace.vision.train.DetectorLosses;
import io.millrace.vision.train.DetectorStep;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A detector that learns. */
final class DetectionTraining implements TrainingTask<Sample, SampleBatch> {
  private final DetectorTrainer trainer;
  private final int batches;
  private final DetectionFormat format;

  /**
   * A training that owns the trainer.
   *
   * @param batches that a step learns from
   */
  DetectionTraining(DetectorTrainer trainer, int batches) {
    this.trainer = trainer;
    this.batches = batches;
    this.format = new DetectionFormat(trainer.config());
  }

  @Override
  public RecordFormat<Sample, SampleBatch> format() {
    return format;
  }

  @Override
  public long items(SampleBatch batch) {
    return batch.size();
  }

  @Override
  public int batches() {
    return batches;
  }

  @Override
  public StepResult step(List<SampleBatch> batches, double learningRate) {
    DetectorStep step = trainer.step(batches, learningRate);
    DetectorLosses losses = step.losses();
    Map<String, Double> figures = new HashMap<>(losses.parts());
    figures.put("gradient_norm", step.gradientNorm());
    return new StepResult(losses.total(), figures, Map.of());
  }

  @Override
  public Evaluation<SampleBatch> evaluate() {
    return new DetectionEvaluation(trainer);
  }

  @Override
  public Map<String, Double> figures() {
    double parameters = trainer.parameters();
    return Map.of("parameters", parameters, "parameters_active", parameters);
  }

  @Override
  public void save(Path directory) throws IOException {
    trainer.save(directory);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
