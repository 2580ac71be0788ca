package io.millrace.platform.metric;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How many events of a service's outbox wait, and since when. */
public final class OutboxMeters implements Sampled {
  private final JdbcClient jdbc;
  private final AtomicReference<Waiting> now = new AtomicReference<>(new Waiting(0, 0));

  /** In the data source's default schema. */
  public OutboxMeters(JdbcClient jdbc, MeterRegistry meters) {
    this.jdbc = jdbc;
    ServiceMetric.OUTBOX_PENDING.gauge(meters, now, state -> state.get().events);
    ServiceMetric.OUTBOX_AGE.gauge(meters, now, state -> state.get().seconds);
  }

  private record Waiting(long events, double seconds) {}

  @Override
  public void sample() {
    now.set(
        jdbc.sql(
                """
                select count(*) as events,
                  coalesce(extract(epoch from clock_timestamp() - min(time)), 0) as seconds
                from outbox
                """)
            .query((row, number) ->
                new Waiting(row.getLong("events"), Math.max(0, row.getDouble("seconds"))))
            .single());
  }
}
