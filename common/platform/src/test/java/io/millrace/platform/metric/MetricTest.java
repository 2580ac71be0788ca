package io.millrace.platform.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricTest {
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private enum Sample implements Metric {
    LETTERS(Spec.counter("test.letters", "letters", "Letters that came.", "from", "to")),
    WEIGHT(Spec.gauge("test.weight", Spec.BYTES, "What is carried.")),
    SHELF(Spec.gauge("test.shelf", "books", "Books on a shelf.", "shelf")),
    WALK(Spec.timer("test.walk", "A walk."));

    private final Spec spec;

    Sample(Spec spec) {
      this.spec = spec;
    }

    @Override
    public Spec spec() {
      return spec;
    }
  }

  @Test
  void isInPrometheusByTheNameThatItSays() {
    Sample.LETTERS.counter(meters, "a", "b").increment(3);
    Sample.WEIGHT.gauge(meters, 7, Integer::doubleValue);
    Sample.SHELF.gauge(meters, 2, Integer::doubleValue, "top");
    Sample.WALK.timer(meters).record(Duration.ofSeconds(2));

    String scraped = meters.scrape();
    for (Sample metric : Sample.values()) {
      assertThat(scraped)
          .contains("# HELP " + metric.spec().prometheus() + " " + metric.spec().meaning() + "\n");
    }
    assertThat(scraped)
        .contains(
            "test_letters_total{from=\"a\",to=\"b\"} 3.0",
            "test_weight_bytes 7.0",
            "test_shelf{shelf=\"top\"} 2.0",
            "test_walk_seconds_sum 2.0");
  }

  @Test
  void needsAValueForEachTag() {
    assertThatThrownBy(() -> Sample.LETTERS.counter(meters, "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("test.letters has the tags [from, to], not 1");
  }

  @Test
  void rowsComeAndGo() {
    GaugeRows shelves = Sample.SHELF.rows(meters);
    shelves.set(Map.of(List.of("top"), 1.0, List.of("low"), 2.0));
    assertThat(meters.scrape()).contains("{shelf=\"top\"} 1.0", "{shelf=\"low\"} 2.0");

    shelves.set(Map.of(List.of("low"), 5.0));
    assertThat(meters.scrape()).contains("{shelf=\"low\"} 5.0").doesNotContain("top");

    shelves.set(Map.of(List.of("top"), 3.0));
    assertThat(meters.scrape()).contains("{shelf=\"top\"} 3.0").doesNotContain("low");
  }

  @Test
  void oneThatCannotBeSampledDoesNotKeepOthersFromIt() throws InterruptedException {
    CountDownLatch often = new CountDownLatch(3);
    AtomicInteger failures = new AtomicInteger();
    MetricSampler sampler =
        new MetricSampler(
            List.of(
                () -> {
                  failures.incrementAndGet();
                  throw new IllegalStateException("nobody answers");
                },
                often::countDown),
            Duration.ofMillis(1));
    sampler.start();
    try {
      assertThat(often.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      sampler.stop();
    }

    assertThat(failures).hasValueGreaterThanOrEqualTo(3);
    assertThat(sampler.isRunning()).isFalse();
  }

  @Test
  void readsTheMemoryOfAProcess(@TempDir Path directory) throws Exception {
    Path status = directory.resolve("status");
    Files.writeString(status, "Name:\tjava\nVmHWM:\t  9999 kB\nVmRSS:\t   512 kB\nThreads:\t3\n");

    assertThat(new ResidentMemory(status).bytes()).isEqualTo(512 * 1024);
    assertThat(new ResidentMemory(directory.resolve("none")).bytes()).isNaN();
    assertThat(new ResidentMemory(Path.of("/proc/self/status")).bytes()).isGreaterThan(1 << 20);
  }
}
