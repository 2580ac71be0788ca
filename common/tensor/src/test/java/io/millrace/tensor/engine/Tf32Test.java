package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class Tf32Test {

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void turnsLibtorchsSwitch() {
    assertThat(engine.device().isGpu()).isFalse();
    Tf32.begin(true);
    try {
      assertThat(Tf32.isAllowed()).isTrue();
    } finally {
      Tf32.end();
    }
    Tf32.begin(false);
    try {
      assertThat(Tf32.isAllowed()).isFalse();
    } finally {
      Tf32.end();
    }
  }

  @Test
  void callsOfOneKindOverlapAndThoseOfTheOtherWait() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean exact = new AtomicBoolean();
    Tf32.begin(true);
    Tf32.begin(true);
    Thread other =
        new Thread(() -> {
          begun.countDown();
          Tf32.begin(false);
          exact.set(!Tf32.isAllowed());
          Tf32.end();
        });
    other.start();
    begun.await();
    while (other.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    Tf32.end();
    assertThat(Tf32.isAllowed()).as("one call still runs").isTrue();
    assertThat(other.isAlive()).isTrue();
    Tf32.end();
    other.join();
    assertThat(exact).isTrue();
  }
}
