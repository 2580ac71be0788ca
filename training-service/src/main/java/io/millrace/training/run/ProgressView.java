package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a run is, as REST clients see it: {@link Progress}, and each row of figures once more as
 * a field of its own name, which is where clients read it before there was {@code series}.
 */
record ProgressView(
    @JsonUnwrapped Progress progress, @JsonAnyGetter Map<String, List<Double>> rows) {

  /**
   * The view.
   *
   * @param names of all rows that tasks report; one that this run has not is answered empty
   */
  static ProgressView of(Progress progress, Collection<String> names) {
    Map<String, List<Double>> rows = new TreeMap<>();
    names.forEach(name -> rows.put(name, progress.series().getOrDefault(name, List.of())));
    return new ProgressView(progress, rows);
  }
}
