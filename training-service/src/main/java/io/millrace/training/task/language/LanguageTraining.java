package io.millrace.training.task.language;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.PackedBatch;
import io.millrace.language.train.StepReport;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A language model that learns. */
final class LanguageTraining implements TrainingTask<PackedSequence, PackedBatch> {
  static final String TOKENIZER = "tokenizer.json";

  /** Share of the step's tokens that each routed expert got, averaged over the layers. */
  static final String EXPERT_LOAD = "expert_load";

  private final LanguageTrainer trainer;
  private final int batches;
  private final byte[] tokenizer;
  private final LanguageFormat format;

  /**
   * A training that owns the trainer; its checkpoints hold the tokenizer.json as it is.
   *
   * @param batches that a step learns from
   */
  LanguageTraining(LanguageTrainer trainer, int batches, byte[] tokenizer) {
    this.trainer = trainer;
    this.batches = batches;
    this.tokenizer = tokenizer;
    this.format =
        new LanguageFormat(trainer.config().vocabSize(), trainer.config().maxPositionEmbeddings());
  }

  @Override
  public RecordFormat<PackedSequence, PackedBatch> format() {
    return format;
  }

  @Override
  public long items(PackedBatch batch) {
    return batch.tokens();
  }

  @Override
  public int batches() {
    return batches;
  }

  @Override
  public StepResult step(List<PackedBatch> batches, double learningRate) {
    StepReport report = trainer.step(batches, learningRate);
    return new StepResult(
        report.loss(),
        Map.of(
            "mtp_loss", report.mtpLoss(),
            "balance_loss", report.balanceLoss(),
            "gradient_norm", report.gradientNorm()),
        Map.of(EXPERT_LOAD, Arrays.stream(trainer.expertLoad()).boxed().toList()));
  }

  @Override
  public Evaluation<PackedBatch> evaluate() {
    return new LanguageEvaluation(trainer);
  }

  @Override
  public Map<String, Double> figures() {
    return Map.of(
        "parameters", (double) trainer.parameters(),
        "parameters_active", (double) trainer.activeParameters());
  }

  @Override
  public void save(Path directory) throws IOException {
    trainer.save(directory);
    Files.write(directory.resolve(TOKENIZER), tokenizer);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
