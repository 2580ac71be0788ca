package io.millrace.training.run;

import java.util.List;
import java.util.Map;

/**
 * How far a run is.
 *
 * @param step steps learned
 * @param loss of the last step
 * @param firstLoss of the first step
 * @param rate tokens or images a second, over the last reporting window
 * @param averageRate the same over the run, evaluation and checkpoints left out
 * @param dataWaitShare share of the training time spent waiting for data, over the run
 * @param secondsLeft at the average rate
 * @param checkpoints published by the run
 * @param latestVersion of the model that the run published, 0: none yet
 * @param expertLoad language: share of the tokens that each routed expert got lately
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
    List<Double> expertLoad,
    Map<String, Double> metrics) {

  /** Of a run that no trainer has taken up. */
  public static final Progress NONE = new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), Map.of());

  /** Copies the collections. */
  public Progress {
    expertLoad = List.copyOf(expertLoad);
    metrics = Map.copyOf(metrics);
  }
}
