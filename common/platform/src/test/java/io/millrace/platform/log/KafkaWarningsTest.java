package io.millrace.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KafkaWarningsTest {
  private final AtomicLong now = new AtomicLong();
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> seen = new ListAppender<>();
  private final Logger fetcher =
      context.getLogger("org.apache.kafka.clients.consumer.internals.FetchCollector");

  KafkaWarningsTest() {
    context.addTurboFilter(new KafkaWarnings(now::get));
    seen.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(seen);
  }

  @Test
  void letsFewOfAKindThroughAMinute() {
    for (int i = 0; i < 1000; i++) {
      fetcher.warn("unknown topic in fetch for partition gone-{}", i);
      fetcher.warn("no answer from node " + i);
    }
    assertThat(seen.list).hasSize(10);
    now.addAndGet(Duration.ofSeconds(61).toNanos());
    fetcher.warn("no answer from node 7");
    assertThat(seen.list).hasSize(11);
  }

  @Test
  void leavesEverythingElseAlone() {
    Logger own = context.getLogger("io.millrace.training.stream.RecordStream");
    for (int i = 0; i < 100; i++) {
      own.warn("no records for {} s", i);
      fetcher.info("fetched {}", i);
      fetcher.error("fetching failed {}", i);
    }
    assertThat(seen.list).hasSize(300);
  }
}
