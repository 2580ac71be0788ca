package io.millrace.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
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
    new StopLimit(Duration.ofHours(1), told::add, () -> told.add("ended")).close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("millrace-stop-limit")) {
        thread.join();
      }
    }
    assertThat(told).as("when it counts no more").isEmpty();
  }
}
