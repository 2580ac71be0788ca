package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class SteadyClientTest {

  private static final Duration NO_PAUSE = Duration.ofMillis(1);

  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch enough = new CountDownLatch(20);

  @Test
  void countsWhateverARequestFailsWith() throws InterruptedException {
    SteadyClient client =
        new SteadyClient(
            "test",
            NO_PAUSE,
            () -> {
              enough.countDown();
              switch (asked.getAndIncrement() % 3) {
                case 0 -> throw new GatewayException("503");
                case 1 -> throw new IllegalStateException("not what was expected");
                default -> {}
              }
            });
    try (client) {
      assertThat(enough.await(90, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(client.requests()).isEqualTo(asked.get()).isGreaterThanOrEqualTo(20);
    assertThat(client.failures()).isBetween(client.requests() / 3 * 2, client.requests());
    assertThat(client.reasons())
        .hasSize(5)
        .contains("503", "java.lang.IllegalStateException: not what was expected");
  }

  @Test
  void failsIfItEndsBeforeItIsToldTo() throws InterruptedException {
    SteadyClient client =
        new SteadyClient(
            "test",
            NO_PAUSE,
            () -> {
              // Its own thread: asks once more and is gone.
              Thread.currentThread().interrupt();
              enough.countDown();
            });
    Thread.sleep(100);
    client.close();
    assertThat(client.requests()).isOne();
    assertThat(client.failures()).isOne();
    assertThat(client.reasons()).containsExactly("the client ended before it was told to");
  }

  @Test
  void endsWithoutAFailure() {
    SteadyClient client = new SteadyClient("test", NO_PAUSE, asked::incrementAndGet);
    client.close();
    assertThat(client.requests()).isPositive();
    assertThat(client.failures()).isZero();
  }
}
