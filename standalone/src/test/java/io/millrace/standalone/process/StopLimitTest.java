package io.millrace.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StopLimitTest {

  private final List<String> told = new CopyOnWriteArrayList<>();

  @Test
  void endsWhatDoesNotStop() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    try (StopLimit limit = new StopLimit(Duration.ZERO, told::add, ended::countDown)) {
      assertThat(limit).isNotNull();
      ended.await();
    }
    assertThat(told).containsExactly("not stopped within 0 s: ended by force; data is kept");
  }

  @Test
  void leavesWhatHasStopped() throws InterruptedException {
    CountDownLatch later = new CountDownLatch(1);
    new StopLimit(Duration.ofMillis(200), told::add, () -> told.add("ended")).close();
    // Its time is over before this one's.
    new StopLimit(Duration.ofMillis(400), line -> {}, later::countDown);
    later.await();
    assertThat(told).isEmpty();
  }
}
