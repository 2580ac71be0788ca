package io.millrace.platform.metric;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** Gauges of one metric whose tag values come and go, such as one for each dataset. */
public final class GaugeRows {
  private final Metric metric;
  private final MeterRegistry meters;
  private final Map<List<String>, AtomicReference<Double>> rows = new HashMap<>();

  GaugeRows(Metric metric, MeterRegistry meters) {
    this.metric = metric;
    this.meters = meters;
  }

  /**
   * Sets them all; those that are not among them are gone.
   *
   * @param values by the values of the metric's tags
   */
  public synchronized void set(Map<List<String>, Double> values) {
    for (List<String> gone :
        rows.keySet().stream().filter(key -> !values.containsKey(key)).toList()) {
      rows.remove(gone);
      Gauge gauge = meters.find(metric.id()).tags(metric.tags(gone.toArray(String[]::new))).gauge();
      if (gauge != null) {
        meters.remove(gauge);
      }
    }
    values.forEach((key, value) -> {
      AtomicReference<Double> row = rows.get(key);
      if (row == null) {
        AtomicReference<Double> added = new AtomicReference<>(value);
        rows.put(key, added);
        metric.gauge(meters, added, AtomicReference::get, key.toArray(String[]::new));
      } else {
        row.set(value);
      }
    });
  }
}
