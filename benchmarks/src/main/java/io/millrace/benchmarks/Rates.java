package io.millrace.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What the rounds of a measurement gave. */
final class Rates {

  private final List<Double> values = new ArrayList<>();

  /** One more round. */
  void add(double value) {
    values.add(value);
  }

  /** The one in the middle. */
  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** Of each round against the other's of the same round. */
  Rates over(Rates other) {
    Rates ratios = new Rates();
    for (int i = 0; i < values.size(); i++) {
      ratios.add(values.get(i) / other.values.get(i));
    }
    return ratios;
  }

  /** The smallest and the largest, {@code %,.0f}. */
  String range(String format) {
    List<Double> sorted = values.stream().sorted().toList();
    return (format + " to " + format).formatted(sorted.getFirst(), sorted.getLast());
  }
}
