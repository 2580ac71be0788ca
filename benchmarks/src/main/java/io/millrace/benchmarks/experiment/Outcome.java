package io.millrace.benchmarks.experiment;

import java.util.List;
import java.util.Map;

/**
 * What a trial came to.
 *
 * @param values of the measures that apply
 * @param losses of training, of every step
 */
record Outcome(Map<Measure, Double> values, List<Double> losses) {

  double get(Measure measure) {
    return values.getOrDefault(measure, Double.NaN);
  }
}
