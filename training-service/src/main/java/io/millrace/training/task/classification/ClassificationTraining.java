package io.millrace.training.task.classification;

import com.google.protobuf.MessageLite;
import io.millrace.encoder.classify.ClassifierStep;
import io.millrace.encoder.classify.ClassifierTraining;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.DatasetTokenizer;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A classifier that learns.
 *
 * @param <R> a record of its dataset
 */
final class ClassificationTraining<R extends MessageLite> implements TrainingTask<R, ExampleBatch> {

  private final ClassifierTraining trainer;
  private final RecordFormat<R, ExampleBatch> format;
  private final ClassificationOptions options;
  private final byte[] tokenizer;

  /**
   * A training that owns the trainer.
   *
   * @param tokenizer its checkpoints hold this tokenizer.json as it is; empty: they hold none
   */
  ClassificationTraining(
      ClassifierTraining trainer,
      RecordFormat<R, ExampleBatch> format,
      ClassificationOptions options,
      byte[] tokenizer) {
    this.trainer = trainer;
    this.format = format;
    this.options = options;
    this.tokenizer = tokenizer;
  }

  @Override
  public RecordFormat<R, ExampleBatch> format() {
    return format;
  }

  @Override
  public long items(ExampleBatch batch) {
    return batch.size();
  }

  @Override
  public int batches() {
    return options.accumulation();
  }

  @Override
  public StepResult step(List<ExampleBatch> batches, double learningRate) {
    ClassifierStep step = trainer.step(batches, learningRate);
    return new StepResult(
        step.loss(),
        Map.of(
            "train_accuracy", step.accuracy(),
            "labelled", (double) step.labelled(),
            "gradient_norm", step.gradientNorm()),
        Map.of());
  }

  @Override
  public Evaluation<ExampleBatch> evaluate() {
    return new HeldoutExamples(trainer, options.calibrate());
  }

  @Override
  public Map<String, Double> figures() {
    return Map.of(
        "parameters", (double) trainer.parameters(),
        "parameters_active", (double) trainer.parameters(),
        "parameters_learned", (double) trainer.learnedParameters());
  }

  @Override
  public void save(Path directory) throws IOException {
    trainer.save(directory);
    DatasetTokenizer.write(tokenizer, directory);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
