package io.millrace.training.task.representation;

import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.represent.PredictionSums;
import io.millrace.encoder.represent.RepresentationStep;
import io.millrace.encoder.represent.RepresentationTrainer;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.DatasetTokenizer;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TrainingTask;
import io.millrace.vision.receptive.Field;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An encoder that learns without labels.
 *
 * @param <R> a record of its dataset
 */
final class RepresentationTraining<R> implements TrainingTask<R, EncoderBatch> {
  /** Mean InfoNCE of each step ahead, in nats. */
  static final String LOSS = "prediction_loss";

  /** Share of places of each step ahead that were told from all their negatives. */
  static final String ACCURACY = "prediction_accuracy";

  /** log N - loss of each step ahead, in nats, see {@link PredictionSums#bound}. */
  static final String BOUND = "information_bound";

  /** log N of each step ahead, which no bound can be above. */
  static final String CEILING = "information_ceiling";

  /** Names of the rows of figures, in order. */
  static final List<String> SERIES = List.of(LOSS, ACCURACY, BOUND, CEILING);

  private final RepresentationTrainer trainer;
  private final RecordFormat<R, EncoderBatch> format;
  private final int batches;
  private final byte[] tokenizer;

  /**
   * A training that owns the trainer.
   *
   * @param batches that a step learns from
   * @param tokenizer of texts, whose file checkpoints hold as it is; empty: there is none
   */
  RepresentationTraining(
      RepresentationTrainer trainer,
      RecordFormat<R, EncoderBatch> format,
      int batches,
      byte[] tokenizer) {
    this.trainer = trainer;
    this.format = format;
    this.batches = batches;
    this.tokenizer = tokenizer;
  }

  @Override
  public RecordFormat<R, EncoderBatch> format() {
    return format;
  }

  @Override
  public long items(EncoderBatch batch) {
    return batch.size();
  }

  @Override
  public int batches() {
    return batches;
  }

  @Override
  public StepResult step(List<EncoderBatch> some, double learningRate) {
    RepresentationStep step = trainer.step(some, learningRate);
    PredictionSums seen = step.predictions();
    return new StepResult(
        step.loss(),
        Map.of("gradient_norm", step.gradientNorm()),
        Map.of(
            LOSS, seen.loss(),
            ACCURACY, seen.accuracy(),
            BOUND, seen.bound(),
            CEILING, seen.ceiling()));
  }

  @Override
  public Evaluation<EncoderBatch> evaluate() {
    return new RepresentationEvaluation(trainer);
  }

  @Override
  public Map<String, Double> figures() {
    double parameters = trainer.parameters();
    return Map.of(
        "parameters",
        parameters,
        "parameters_active",
        parameters,
        "vector_width",
        (double) trainer.config().width(),
        "receptive_field",
        Field.of(trainer.config().encoder().layers()).size());
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
