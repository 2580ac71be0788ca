package io.millrace.standalone.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final SteppedClock clock = new SteppedClock();

  @Test
  void rewritesOneLineInATerminal() {
    try (ProgressBar bar = new ProgressBar(out, "training", true, clock)) {
      clock.advance(Duration.ofSeconds(30));
      bar.update(1, 4, "loss 2.0");
      bar.update(2, 4, "loss 1");
    }
    assertThat(text())
        .startsWith("\rtraining     [######..................]  25 %  1:30 left  loss 2.0\r")
        .contains("50 %  0:30 left  loss 1 ")
        .endsWith(System.lineSeparator());
  }

  @Test
  void writesFewWholeLinesToALog() {
    try (ProgressBar bar = new ProgressBar(out, "training", false, clock)) {
      for (int i = 0; i <= 100; i++) {
        clock.advance(Duration.ofMillis(100));
        bar.update(i, 100, "step " + i);
      }
    }
    assertThat(text().lines()).hasSize(3).last().asString().contains("100 %").contains("step 100");
    assertThat(text()).doesNotContain("\r");
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static final class SteppedClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
