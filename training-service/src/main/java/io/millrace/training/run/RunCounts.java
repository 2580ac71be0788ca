package io.millrace.training.run;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.metric.GaugeRows;
import io.millrace.platform.metric.Sampled;
import io.millrace.training.TrainingMetric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How many runs there are in each state. */
@Component
final class RunCounts implements Sampled {
  private final JdbcClient jdbc;
  private final GaugeRows runs;

  RunCounts(JdbcClient jdbc, MeterRegistry meters) {
    this.jdbc = jdbc;
    this.runs = TrainingMetric.RUNS.rows(meters);
  }

  @Override
  public void sample() {
    Map<List<String>, Double> counts = new HashMap<>();
    for (RunState state : RunState.values()) {
      // An alert on a state that no run is in needs its zero.
      counts.put(List.of(state.label()), 0.0);
    }
    jdbc.sql("select state, count(*) as runs from run where deleted_at is null group by state")
        .query((row, number) ->
            counts.put(
                List.of(RunState.valueOf(row.getString("state")).label()), row.getDouble("runs")))
        .list();
    runs.set(counts);
  }
}
