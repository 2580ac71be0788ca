package io.millrace.platform.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A metric of a service; each service has one enum of them. Meters are made here and nowhere else,
 * so that each has the name, the tags and the meaning that docs/reference/metrics.md tells.
 */
public interface Metric {

  /** What there is to say about it. */
  Spec spec();

  /** Its name in Micrometer. */
  default String id() {
    return spec().id();
  }

  /**
   * Its counter.
   *
   * @param values of its tags, in their order
   */
  default Counter counter(MeterRegistry meters, String... values) {
    return Counter.builder(id()).description(spec().meaning()).tags(tags(values)).register(meters);
  }

  /**
   * Its timer.
   *
   * @param values of its tags, in their order
   */
  default Timer timer(MeterRegistry meters, String... values) {
    return timer(values).register(meters);
  }

  /** Its timer, to be made. */
  default Timer.Builder timer(String... values) {
    return Timer.builder(id()).description(spec().meaning()).tags(tags(values));
  }

  /**
   * Its gauge.
   *
   * @param state what is measured; kept
   */
  default <T> void gauge(
      MeterRegistry meters, T state, ToDoubleFunction<T> measure, String... values) {
    Gauge.Builder<T> gauge =
        Gauge.builder(id(), state, measure)
            .description(spec().meaning())
            .tags(tags(values))
            .strongReference(true);
    String unit = spec().unit();
    (unit.equals(Spec.SECONDS) || unit.equals(Spec.BYTES) ? gauge.baseUnit(unit) : gauge)
        .register(meters);
  }

  /** Its gauges of tag values that come and go. */
  default GaugeRows rows(MeterRegistry meters) {
    return new GaugeRows(this, meters);
  }

  /**
   * Its tags with their values.
   *
   * @throws IllegalArgumentException if there are not as many values as tags
   */
  default Tags tags(String... values) {
    List<String> names = spec().tags();
    if (values.length != names.size()) {
      throw new IllegalArgumentException(
          "%s has the tags %s, not %d".formatted(id(), names, values.length));
    }
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      tags.add(Tag.of(names.get(i), values[i]));
    }
    return Tags.of(tags);
  }

  /** What it is. */
  enum Kind {
    /** Only grows, until the service starts again. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** How often something was done, and how long it took. */
    TIMER
  }

  /**
   * A description.
   *
   * @param id name in Micrometer, with dots
   * @param unit of its values
   * @param meaning a sentence
   * @param tags names of its tags
   */
  record Spec(String id, Kind kind, String unit, String meaning, List<String> tags) {
    /** The unit of times. */
    public static final String SECONDS = "seconds";

    /** The unit of sizes. */
    public static final String BYTES = "bytes";

    /** Copies the tags. */
    public Spec {
      tags = List.copyOf(tags);
    }

    /** Of a counter of something. */
    public static Spec counter(String id, String unit, String meaning, String... tags) {
      return new Spec(id, Kind.COUNTER, unit, meaning, List.of(tags));
    }

    /** Of a gauge; {@code seconds} and {@code bytes} become part of its name in Prometheus. */
    public static Spec gauge(String id, String unit, String meaning, String... tags) {
      return new Spec(id, Kind.GAUGE, unit, meaning, List.of(tags));
    }

    /** Of a timer. */
    public static Spec timer(String id, String meaning, String... tags) {
      return new Spec(id, Kind.TIMER, SECONDS, meaning, List.of(tags));
    }

    /**
     * Its name in Prometheus; that of a timer without {@code _count}, {@code _sum}, {@code _max}.
     */
    public String prometheus() {
      String name = id.replace('.', '_');
      return switch (kind) {
        case COUNTER -> name + "_total";
        case TIMER -> name + "_seconds";
        case GAUGE -> unit.equals(SECONDS) || unit.equals(BYTES) ? name + "_" + unit : name;
      };
    }
  }
}
