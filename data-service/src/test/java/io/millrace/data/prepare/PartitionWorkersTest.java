package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PartitionWorkersTest {

  @Test
  void goesOnAfterErrorsAndTellsThemByPartition() throws InterruptedException {
    try (PreparationFixture fixture = new PreparationFixture(2);
        IdlePartitions idle = new IdlePartitions(fixture.kafka)) {
      fixture.append(20);
      AtomicBoolean[] broken = {new AtomicBoolean(true), new AtomicBoolean(true)};
      PartitionWorkers preparation =
          PartitionWorkers.start(
              fixture.dataset,
              fixture.names.documents(),
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
                      onCaughtUp),
              idle,
              Throwable::toString);
      try {
        await(() -> fails(preparation, "partition 0: java.lang.NoClassDefFoundError: defect 0"));
        broken[0].set(false);
        await(() -> fails(preparation, "partition 1: java.lang.NoClassDefFoundError: defect 1"));
        broken[1].set(false);
        await(() -> preparation.failure() == null);
        assertThat(preparation.broken()).isFalse();
        await(() -> fixture.progress(0).nextOffset() == fixture.end(0));
        await(() -> fixture.progress(1).nextOffset() == fixture.end(1));
      } finally {
        preparation.requestStop();
        preparation.awaitStopped(Duration.ofSeconds(60));
      }
    }
  }

  /** Neither threads nor connections are kept for a partition in which nothing comes. */
  @Test
  void restsWhileNothingComesAndGoesOnWhenSomethingDoes() throws InterruptedException {
    try (PreparationFixture fixture = new PreparationFixture(2);
        IdlePartitions idle = new IdlePartitions(fixture.kafka)) {
      fixture.restAfter = Duration.ofMillis(100);
      fixture.append(20);
      PartitionWorkers preparation =
          PartitionWorkers.start(
              fixture.dataset,
              fixture.names.documents(),
              2,
              (partition, onCaughtUp) ->
                  fixture.worker(
                      partition,
                      PreparationFixture::numbers,
                      PreparationStep.Listener.NONE,
                      (dataset, before, after, duration) -> {},
                      onCaughtUp),
              idle,
              Throwable::toString);
      for (int round = 0; round < 3; round++) {
        // A worker that the broker keeps waiting rests before it has read anything, and goes on.
        await(() ->
            idle.size() == 2
                && fixture.progress(0).nextOffset() == fixture.end(0)
                && fixture.progress(1).nextOffset() == fixture.end(1)
                && threads().noneMatch(name -> name.contains("numbers")));
        assertThat(preparation.broken()).isFalse();
        // To one partition; the other goes on resting.
        fixture.append(0, "more-" + round, 1_000_000 + round);
        long wanted = fixture.end(0);
        await(() -> fixture.progress(0).nextOffset() == wanted);
      }
      preparation.requestStop();
      preparation.awaitStopped(Duration.ofSeconds(60));
      assertThat(idle.size()).isZero();
      assertThat(preparation.broken()).isTrue();
    }
  }

  /** A failure is told until its worker has come further, or began anew with nothing to read. */
  private static boolean fails(PartitionWorkers preparation, String reason) {
    return reason.equals(preparation.failure());
  }

  private static Stream<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName);
  }

  private static void await(BooleanSupplier wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (!wanted.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
