package io.millrace.data.prepare;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.data.DataMetric;
import io.millrace.data.log.DatasetLog;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.metric.GaugeRows;
import io.millrace.platform.metric.Sampled;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * How many documents of each dataset are still to be prepared, whoever prepares them. A text
 * dataset that has no tokenizer yet waits for its owner and has no lag.
 */
@Component
final class PreparationLag implements Sampled {
  private final Registry registry;
  private final TransformFactory transforms;
  private final DatasetLog log;
  private final GaugeRows lags;

  PreparationLag(
      Registry registry, TransformFactory transforms, DatasetLog log, MeterRegistry meters) {
    this.registry = registry;
    this.transforms = transforms;
    this.log = log;
    this.lags = DataMetric.LAG.rows(meters);
  }

  @Override
  public void sample() {
    Map<List<String>, Double> now = new HashMap<>();
    for (DatasetEntry dataset : registry.datasets()) {
      if (transforms.isReady(dataset)) {
        now.put(List.of(dataset.name()), lag(dataset));
      }
    }
    lags.set(now);
  }

  /** Not a number for a dataset that is being deleted: it must not hide the others. */
  private double lag(DatasetEntry dataset) {
    try {
      return DatasetLog.waiting(log.documentEnds(dataset), log.progress(dataset));
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.FAILED_PRECONDITION) {
        return Double.NaN;
      }
      throw e;
    }
  }
}
