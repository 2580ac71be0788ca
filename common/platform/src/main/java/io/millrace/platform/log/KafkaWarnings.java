package io.millrace.platform.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Keeps Kafka's clients from flooding the log. One that reads from a topic that is gone warns at
 * every try, hundreds of times a second. Warnings that differ in numbers alone are let through a
 * few times a minute; the first of the next minute is preceded by how many were left out.
 */
public final class KafkaWarnings extends TurboFilter {
  private static final String CLIENTS = "org.apache.kafka.clients";
  private static final int A_PERIOD = 5;
  private static final int MOST_KINDS = 200;
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final LongSupplier nanos;
  private final Map<String, Seen> kinds =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > MOST_KINDS;
        }
      };

  private KafkaWarnings() {
    this(System::nanoTime);
  }

  KafkaWarnings(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Watches the log of this process; once is enough. */
  public static synchronized void limit() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getTurboFilterList().stream().noneMatch(KafkaWarnings.class::isInstance)) {
      KafkaWarnings filter = new KafkaWarnings();
      filter.setContext(context);
      filter.start();
      context.addTurboFilter(filter);
    }
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      ch.qos.logback.classic.Logger logger,
      Level level,
      @Nullable String message,
      Object @Nullable [] parameters,
      @Nullable Throwable cause) {
    // Without a message somebody asks whether the level is on.
    if (message == null || level != Level.WARN || !logger.getName().startsWith(CLIENTS)) {
      return FilterReply.NEUTRAL;
    }
    long leftOut;
    synchronized (this) {
      Seen seen = kinds.computeIfAbsent(message.replaceAll("\\d+", "#"), kind -> new Seen());
      leftOut = seen.letThrough(nanos.getAsLong());
    }
    if (leftOut < 0) {
      return FilterReply.DENY;
    }
    if (leftOut > 0) {
      LoggerFactory.getLogger(KafkaWarnings.class)
          .warn("{} warnings of Kafka's client like the next one were left out", leftOut);
    }
    return FilterReply.NEUTRAL;
  }

  /** Warnings of one kind. */
  private static final class Seen {
    private long since;
    private int passed;
    private long leftOut;

    /** How many were left out before this one; negative: this one is left out too. */
    long letThrough(long now) {
      if (passed > 0 && now - since < PERIOD.toNanos()) {
        if (passed == A_PERIOD) {
          leftOut++;
          return -1;
        }
        passed++;
        return 0;
      }
      long before = leftOut;
      since = now;
      passed = 1;
      leftOut = 0;
      return before;
    }
  }
}
