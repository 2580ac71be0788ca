package io.millrace.benchmarks.experiment;

import java.util.List;
import java.util.Locale;

/** Mean and sample standard deviation over seeds. */
public record Spread(double mean, double deviation) {

  /** Of values of one seed each. */
  public static Spread of(List<Double> values) {
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Spread(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
  }

  static Spread of(List<Outcome> outcomes, Measure measure) {
    return of(outcomes.stream().map(outcome -> outcome.get(measure)).toList());
  }

  @Override
  public String toString() {
    if (Double.isNaN(mean)) {
      return "-";
    }
    String format = mean < 100 ? "%.4f ± %.4f" : "%,.0f ± %,.0f";
    return String.format(Locale.ROOT, format, mean, deviation);
  }
}
