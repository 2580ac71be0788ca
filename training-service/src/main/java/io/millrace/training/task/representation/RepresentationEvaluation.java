package io.millrace.training.task.representation;

import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.represent.PredictionSums;
import io.millrace.encoder.represent.RepresentationTrainer;
import io.millrace.training.task.TrainingTask;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How well held-out documents are predicted; means over the steps ahead. */
final class RepresentationEvaluation implements TrainingTask.Evaluation<EncoderBatch> {
  private final RepresentationTrainer trainer;
  private @Nullable PredictionSums sums;

  RepresentationEvaluation(RepresentationTrainer trainer) {
    this.trainer = trainer;
  }

  @Override
  public void add(EncoderBatch batch) {
    PredictionSums some = trainer.evaluate(batch);
    PredictionSums before = sums;
    sums = before == null ? some : before.plus(some);
  }

  @Override
  public Map<String, Double> figures() {
    PredictionSums all = sums;
    return all == null || all.steps() == 0
        ? Map.of()
        : Map.of(
            "heldout_loss", all.meanLoss(),
            "heldout_accuracy", mean(all.accuracy()),
            "heldout_information_bound", mean(all.bound()));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
