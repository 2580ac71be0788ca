package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class PartitionWorkersTest {

  @Test
  void goesOnAfterErrorsAndTellsThemByPartition() throws InterruptedException {
    try (PreparationFixture fixture = new PreparationFixture(2)) {
      fixture.append(20);
      AtomicBoolean[] broken = {new AtomicBoolean(true), new AtomicBoolean(true)};
      PartitionWorkers preparation =
          PartitionWorkers.start(
              fixture.dataset,
              2,
              (partition, onCaughtUp) ->
                  fixture.worker(
                      partition,
                      PreparationFixture::numbers,
                      (dataset, of, step) -> {
                        if (step == PreparationStep.PREPARED && broken[of].get()) {
                          throw new NoClassDefFoundError("defect " + of);
                        }
                      },
                      (dataset, before, after, duration) -> {},
                      onCaughtUp));
      try {
        await(() -> ("" + preparation.failure()).startsWith("partition 0"));
        assertThat(preparation.failure())
            .isEqualTo("partition 0: java.lang.NoClassDefFoundError: defect 0");
        broken[0].set(false);
        await(() -> ("" + preparation.failure()).startsWith("partition 1"));
        assertThat(preparation.failure())
            .isEqualTo("partition 1: java.lang.NoClassDefFoundError: defect 1");
        broken[1].set(false);
        await(() -> preparation.failure() == null);
        assertThat(preparation.broken()).isFalse();
        await(() -> fixture.progress(0).nextOffset() == fixture.end(0));
        await(() -> fixture.progress(1).nextOffset() == fixture.end(1));
      } finally {
        preparation.requestStop();
        preparation.awaitStopped(Duration.ofSeconds(10));
      }
    }
  }

  private static void await(BooleanSupplier wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!wanted.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
