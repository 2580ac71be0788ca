package io.millrace.training.run;

import java.util.List;
import java.util.Map;

/**
 * How far a run is.
 *
 * @param step steps learned
 * @param loss of the last step
 * @param firstLoss of the first step
 * @param rate items a second, over the last reporting window
 * @param averageRate the same over the run, evaluation and checkpoints left out
 * @param dataWaitShare share of the training time spent waiting for data, over the run
 * @param secondsLeft at the average rate
 * @param checkpoints published by the run
 * @param latestVersion of the model that the run published, 0: none yet
 * @param series rows of figures of the last step, under names that the task chooses
 * @param metrics further figures by name: heldout_loss, unigram_entropy, parameters, ...
 */
public record Progress(
    long step,
    double loss,
    double firstLoss,
    double rate,
    double averageRate,
    double dataWaitShare,
    double secondsLeft,
    int checkpoints,
    int latestVersion,
    Map<String, List<Double>> series,
    Map<String, Double> metrics) {

  /** Of a run that no trainer has taken up. */
  public static final Progress NONE = new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of());

  /** Copies the collections. */
  public Progress {
    series = Map.copyOf(series);
    metrics = Map.copyOf(metrics);
  }
}
