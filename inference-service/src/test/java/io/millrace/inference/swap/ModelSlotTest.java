package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ModelSlotTest {
  private final AtomicInteger freed = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private final ModelSlot slot = new ModelSlot("m", freed::incrementAndGet, nanos::get);

  @Test
  void keepsAVersionUntilItsLastUserLetsGo() {
    Model first = serve(1);
    SwapHolder.Lease<LoadedModel> held = acquire();

    serve(2);

    assertThat(first.closed).isFalse();
    assertThat(freed).as("nothing to give back yet").hasValue(0);
    assertThat(acquire().value().version().version()).isEqualTo(2);
    held.close();
    held.close();
    assertThat(first.closings).hasValue(1);
    assertThat(freed).hasValue(1);
    assertThat(slot.status().swaps()).isEqualTo(1);
  }

  @Test
  void hasNothingToGiveBeforeTheFirstAndAfterTheEnd() {
    assertThat(slot.acquire()).isNull();
    Model model = serve(1);
    slot.close();

    assertThat(slot.acquire()).isNull();
    assertThat(model.closings).hasValue(1);
    assertThat(slot.offer(promotion(2))).isFalse();
    assertThat(slot.next()).isNull();
  }

  @Test
  void loadsTheNewestAndSkipsWhatItReplaces() {
    slot.offer(promotion(1));
    slot.offer(promotion(3));
    slot.offer(promotion(2));

    assertThat(number(slot.next())).isEqualTo(3);
    assertThat(slot.next()).as("one at a time").isNull();
    assertThat(slot.serve(new LoadedModel(version(3), new Model()))).isTrue();
    assertThat(slot.next()).isNull();
    assertThat(slot.offer(promotion(2))).as("an old one").isFalse();
  }

  @Test
  void unloadsWhatNobodyUsesAndLoadsItWhenItIsWanted() {
    Model first = serve(1);
    SwapHolder.Lease<LoadedModel> held = acquire();

    assertThat(slot.unloadIfUnused(Duration.ZERO.plusNanos(1))).as("held").isFalse();
    assertThat(slot.unloadIfUnused(Duration.ofHours(1))).as("just used").isFalse();
    held.close();
    advance(Duration.ofNanos(1));
    assertThat(slot.unloadIfUnused(Duration.ofNanos(1))).isTrue();

    assertThat(first.closings).hasValue(1);
    assertThat(slot.status().state()).isEqualTo("unloaded");
    assertThat(slot.status().serving()).isEqualTo(version(1));
    assertThat(slot.acquire()).isNull();
    assertThat(slot.isBusy()).isFalse();
    assertThat(slot.next()).as("nobody wants it").isNull();
    assertThat(slot.want()).isTrue();
    assertThat(number(slot.next())).isEqualTo(1);
    slot.serve(new LoadedModel(version(1), new Model()));
    assertThat(slot.want()).isFalse();
    assertThat(slot.status().swaps()).isZero();
  }

  @Test
  void onlyNotesVersionsWhileItIsUnloadedAndFallsBackToWhatServed() {
    serve(2);
    slot.unloadIfUnused(Duration.ZERO);

    assertThat(slot.offer(promotion(1))).as("an old one").isFalse();
    slot.offer(promotion(3));
    assertThat(slot.next()).isNull();
    assertThat(slot.unloadIfUnused(Duration.ZERO)).as("is already").isFalse();

    slot.want();
    assertThat(number(slot.next())).isEqualTo(3);
    slot.refuse(new ModelStatus.Rejection(3, "broken"));
    assertThat(number(slot.next())).isEqualTo(2);
    slot.serve(new LoadedModel(version(2), new Model()));
    assertThat(slot.status().serving()).isEqualTo(version(2));
  }

  @Test
  void waitsNoMoreForWhatCannotBeLoaded() throws InterruptedException {
    serve(1);
    slot.unloadIfUnused(Duration.ZERO);
    slot.want();
    slot.next();
    slot.refuse(new ModelStatus.Rejection(1, "gone"));
    slot.giveUp();

    slot.awaitWanted(Duration.ofHours(1));
    assertThat(slot.want()).isFalse();
    assertThat(slot.status().state()).isEqualTo("vacant");
  }

  @Test
  void fallsBackToTheNewestThatIsGood() {
    serve(1);
    List.of(2, 3, 4).forEach(number -> slot.offer(promotion(number)));

    assertThat(number(slot.next())).isEqualTo(4);
    slot.refuse(new ModelStatus.Rejection(4, "broken"));

    assertThat(slot.status().serving()).isEqualTo(version(1));
    assertThat(number(slot.next())).isEqualTo(3);
    slot.serve(new LoadedModel(version(3), new Model()));
    assertThat(slot.offer(promotion(4))).as("refused before").isFalse();
    assertThat(slot.isBusy()).isFalse();
    assertThat(slot.status().rejected()).isEqualTo(new ModelStatus.Rejection(4, "broken"));
  }

  @Test
  void triesAPostponedOneAgainWhenItsTimeHasComeAndAnOlderOneMeanwhile() throws Exception {
    serve(1);
    List.of(2, 3).forEach(number -> slot.offer(promotion(number)));

    assertThat(number(slot.next())).isEqualTo(3);
    slot.postpone(promotion(3), "no memory", Duration.ofHours(1));

    assertThat(slot.status().state()).isEqualTo("serving");
    assertThat(slot.status().postponed())
        .isEqualTo(new ModelStatus.Postponement(3, 1, "no memory"));
    assertThat(number(slot.next())).isEqualTo(2);
    slot.serve(new LoadedModel(version(2), new Model()));
    slot.offer(promotion(3));
    assertThat(slot.next()).as("not yet").isNull();
    assertThat(slot.isBusy()).as("it was tried once").isFalse();
    advance(Duration.ofHours(1).minusNanos(1));
    assertThat(slot.next()).as("not yet").isNull();
    advance(Duration.ofNanos(1));
    assertThat(number(slot.next())).isEqualTo(3);
    slot.postpone(promotion(3), "no memory", Duration.ZERO);
    assertThat(slot.tries(version(3))).isEqualTo(2);
    assertThat(slot.troubledFor(version(3))).isEqualTo(Duration.ofHours(1));
    assertThat(number(slot.next())).isEqualTo(3);
    slot.serve(new LoadedModel(version(3), new Model()));
    assertThat(slot.status().postponed()).isNull();
    assertThat(slot.status().serving()).isEqualTo(version(3));
  }

  @Test
  void forgetsAPostponedOneThatIsRefusedInTheEnd() {
    slot.offer(promotion(1));
    slot.next();
    slot.postpone(promotion(1), "not there", Duration.ZERO);
    slot.next();
    slot.refuse(new ModelStatus.Rejection(1, "not there"));

    assertThat(slot.status().postponed()).isNull();
    assertThat(slot.status().state()).isEqualTo("vacant");
    assertThat(slot.next()).isNull();
  }

  @Test
  void dropsWhatWasLoadedForAClosedSlot() {
    slot.offer(promotion(1));
    slot.next();
    slot.close();
    Model late = new Model();

    assertThat(slot.serve(new LoadedModel(version(1), late))).isFalse();
    assertThat(late.closings).hasValue(1);
    slot.refuse(new ModelStatus.Rejection(1, "whatever"));
    assertThat(slot.status().state()).isEqualTo("closed");
  }

  /** No request fails, none meets a closed model, and in the end all but the last are closed. */
  @Test
  void swapsUnderLoadHundredsOfTimes() throws InterruptedException {
    List<Model> models = new ArrayList<>();
    models.add(serve(1));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong requests = new AtomicLong();
    AtomicInteger failures = new AtomicInteger();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                int last = 0;
                while (!stop.get()) {
                  try (SwapHolder.Lease<LoadedModel> held = acquire()) {
                    Model model = (Model) held.value().runtime();
                    boolean wentBack = held.value().version().version() < last;
                    last = held.value().version().version();
                    Thread.yield();
                    if (model.closed || wentBack) {
                      failures.incrementAndGet();
                    }
                  } catch (RuntimeException e) {
                    failures.incrementAndGet();
                  }
                  requests.incrementAndGet();
                }
              }));
    }
    // Readers may get the processor only when all versions are there.
    int last = 1;
    while (last < 800 || requests.get() <= 800) {
      models.add(serve(++last));
      Thread.yield();
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }

    assertThat(failures).hasValue(0);
    assertThat(slot.status().swaps()).isEqualTo(last - 1);
    assertThat(models.removeLast().closed).isFalse();
    assertThat(models).allSatisfy(model -> assertThat(model.closings).hasValue(1));
  }

  @Test
  void reportsHowLongTheLongestExchangeTook() {
    serve(1);
    assertThat(slot.status().swapPauseMsMax()).as("nothing was exchanged").isZero();

    serve(2);
    assertThat(slot.status().swapPauseMsMax()).isPositive();

    slot.offer(promotion(3));
    slot.next();
    Model slow = new Model();
    slot.serve(new LoadedModel(version(3), slow));
    slow.closingMillis = 30;
    serve(4);
    serve(5);
    assertThat(slot.status().swapPauseMsMax()).isBetween(30.0, 10_000.0);
  }

  @Test
  void goesBackToAnOlderVersionThatWasPromotedLater() {
    serve(1);
    serve(2);
    slot.offer(promotion(3, 1));

    assertThat(number(slot.next())).isEqualTo(1);
    slot.serve(new LoadedModel(version(1), new Model()));

    assertThat(slot.status().serving()).isEqualTo(version(1));
    assertThat(slot.offer(promotion(2))).as("promoted before").isFalse();
    assertThat(slot.offer(promotion(3, 1))).as("serves").isFalse();
    assertThat(slot.isBusy()).isFalse();
  }

  @Test
  void doesNotLoadAgainWhatServesWhenItIsPromotedAgain() {
    Model model = serve(2);
    slot.offer(promotion(3));
    slot.offer(promotion(4, 2));

    assertThat(slot.next()).as("serves already, and was promoted last").isNull();

    assertThat(slot.offer(promotion(3))).as("promoted before that").isFalse();
    assertThat(slot.next()).isNull();
    assertThat(slot.status().state()).isEqualTo("serving");
    assertThat(model.closed).isFalse();
  }

  @Test
  void keepsWhatServesIfWhatIsGoneBackToIsNoGood() {
    serve(1);
    serve(3);
    slot.offer(promotion(4, 2));
    slot.next();
    slot.refuse(new ModelStatus.Rejection(2, "its files are gone"));

    assertThat(slot.status().serving()).isEqualTo(version(3));
    assertThat(slot.next()).isNull();
  }

  @Test
  void isAsOldAsItsFirstVersion() {
    assertThat(slot.status().created()).isNull();
    slot.offer(promotion(7));
    slot.offer(promotion(3));
    serve(8);
    slot.offer(promotion(4));

    assertThat(slot.status().created()).isEqualTo(Instant.ofEpochSecond(3));
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private Model serve(int number) {
    Model model = new Model();
    slot.offer(promotion(number));
    assertThat(number(slot.next())).isEqualTo(number);
    slot.serve(new LoadedModel(version(number), model));
    return model;
  }

  private SwapHolder.Lease<LoadedModel> acquire() {
    return Objects.requireNonNull(slot.acquire());
  }

  private static int number(@Nullable Promotion promotion) {
    return promotion == null ? 0 : promotion.version().version();
  }

  /** As if each version had been promoted when it was published. */
  private static Promotion promotion(int number) {
    return promotion(number, number);
  }

  static Promotion promotion(long number, int version) {
    return new Promotion(number, version(version), "test", Instant.EPOCH);
  }

  private static ModelVersion version(int number) {
    return new ModelVersion(
        "m",
        number,
        "language",
        "run",
        1,
        number,
        "models/m/run/" + number + "-1",
        "00",
        Map.of(),
        Instant.ofEpochSecond(number));
  }

  /** Counts how often it is closed. */
  private static final class Model implements ModelRuntime {
    private final AtomicInteger closings = new AtomicInteger();
    private volatile boolean closed;
    private volatile long closingMillis;

    @Override
    public void warmUp() {}

    @Override
    public void close() {
      closed = true;
      closings.incrementAndGet();
      LockSupport.parkNanos(closingMillis * 1_000_000);
    }
  }
}
