package io.millrace.training.task;

import java.util.List;
import java.util.Map;

/**
 * What a step saw, under names that the task chooses.
 *
 * @param loss that is reported
 * @param figures further figures: parts of the loss, gradient_norm, ...
 * @param series rows of figures, e.g. one for each layer; all of {@link Task#series} that the model
 *     has
 */
public record StepResult(
    double loss, Map<String, Double> figures, Map<String, List<Double>> series) {
  /** Copies the maps. */
  public StepResult {
    figures = Map.copyOf(figures);
    series = Map.copyOf(series);
  }
}
