package io.millrace.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RepeatedTest {
  private final AtomicLong now = new AtomicLong();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Repeated repeated;

  @BeforeEach
  void listen() {
    Logger log = (Logger) LoggerFactory.getLogger("repeated-test");
    log.setAdditive(false);
    log.setLevel(Level.INFO);
    log.detachAndStopAllAppenders();
    lines.start();
    log.addAppender(lines);
    repeated = new Repeated(log, now::get);
  }

  @Test
  void saysOnceWhatIsThereAThousandTimes() {
    for (int i = 0; i < 1000; i++) {
      repeated.warn("no answer");
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("no answer");
  }

  @Test
  void saysAgainAfterAWhileHowOftenItWas() {
    repeated.warn("no answer");
    repeated.warn("no answer");
    now.addAndGet(Repeated.PERIOD.toNanos());
    repeated.warn("still no answer");

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("no answer", "still no answer (1 such warnings were left out)");
  }

  @Test
  void showsTheStackOnce() {
    repeated.warn("no answer", new IllegalStateException("why"));
    now.addAndGet(Repeated.PERIOD.toNanos());
    repeated.warn("no answer", new IllegalStateException("why"));

    assertThat(lines.list.getFirst().getThrowableProxy().getMessage()).isEqualTo("why");
    assertThat(lines.list.getLast().getThrowableProxy()).isNull();
    assertThat(lines.list.getLast().getFormattedMessage()).isEqualTo("no answer");
  }

  @Test
  void takesTheNextWarningForNewsOnceItIsOver() {
    repeated.warn("no answer");
    repeated.warn("no answer");
    repeated.over();
    repeated.over();
    repeated.warn("no answer");

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("no answer", "that is over; 1 warnings were left out", "no answer");
  }
}
