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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarTest {

  private static final List<String> FIGURES =
      List.of("loss 2.345", "14.7k tok/s", "wait 0.1%", "experts 112/87%", "step 150/600");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final SteppedClock clock = new SteppedClock();

  @Test
  void rewritesOneLineInATerminal() {
    try (ProgressBar bar = ProgressBar.inTerminal(out, "training", 80, clock)) {
      clock.advance(Duration.ofSeconds(30));
      bar.update(1, 4, "loss 2.0");
      bar.update(2, 4, "loss 1");
    }
    assertThat(text())
        .startsWith("\rtraining [######....25%...........] 1:30 left  loss 2.0\r")
        .contains("50%...........] 0:30 left  loss 1 ")
        .endsWith(System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 60, 80, 100, 120, 155, 300})
  void neverReachesTheLastColumn(int columns) {
    try (ProgressBar bar = ProgressBar.inTerminal(out, "training", columns, clock)) {
      bar.update(0.25, Duration.ofSeconds(90), FIGURES);
      bar.update(1, Duration.ofHours(12), FIGURES);
    }
    assertThat(text().strip().split("\r"))
        .allSatisfy(line -> assertThat(line.length()).isLessThan(columns));
  }

  @Test
  void hasRoomForAllFiguresInEightyColumns() {
    try (ProgressBar bar = ProgressBar.inTerminal(out, "training", 80, clock)) {
      bar.update(0.25, Duration.ofSeconds(90), FIGURES);
    }
    assertThat(text().strip())
        .isEqualTo(
            "training [#25%.] 1:30 left  loss 2.345  14.7k tok/s  wait 0.1%  experts 112/87%");
  }

  @Test
  void hasRoomForAllFiguresOnASlowDay() {
    try (ProgressBar bar = ProgressBar.inTerminal(out, "training", 80, clock)) {
      bar.update(
          0.25,
          Duration.ofMinutes(12),
          List.of("loss 2.345", "10.1k tok/s", "wait 12.3%", "experts 112/87%"));
    }
    assertThat(text().strip()).startsWith("training [25%] 12:00 left").endsWith("112/87%");
  }

  @Test
  void leavesOutWhatIsNamedLastFirst() {
    try (ProgressBar bar = ProgressBar.inTerminal(out, "training", 60, clock)) {
      bar.update(0.25, Duration.ofSeconds(90), FIGURES);
    }
    assertThat(text()).contains("loss 2.345  14.7k tok/s").doesNotContain("wait", "experts");
  }

  @Test
  void writesFewWholeLinesToALog() {
    try (ProgressBar bar = ProgressBar.inLog(out, "training", clock)) {
      for (int i = 0; i <= 100; i++) {
        clock.advance(Duration.ofMillis(100));
        bar.update(i, 100, "step " + i);
      }
    }
    assertThat(text().lines()).hasSize(3).last().asString().contains("100%").contains("step 100");
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
