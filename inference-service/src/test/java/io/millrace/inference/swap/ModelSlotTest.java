package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ModelSlotTest {

  @Test
  void keepsAVersionUntilItsLastUserLetsGo() {
    ModelSlot slot = new ModelSlot();
    Model first = new Model();
    slot.exchange(new Serving(version(1), first));
    HeldModel held = slot.acquire().orElseThrow();

    slot.exchange(new Serving(version(2), new Model()));

    assertThat(first.closed).isFalse();
    assertThat(slot.version()).isEqualTo(2);
    held.close();
    held.close();
    assertThat(first.closed).isTrue();
    assertThat(first.closings).hasValue(1);
    assertThat(slot.swaps()).isEqualTo(1);
  }

  @Test
  void hasNothingToGiveBeforeTheFirstAndAfterTheEnd() {
    ModelSlot slot = new ModelSlot();
    assertThat(slot.acquire()).isEmpty();

    Model model = new Model();
    slot.exchange(new Serving(version(1), model));
    slot.close();

    assertThat(slot.acquire()).isEmpty();
    assertThat(model.closed).isTrue();
  }

  /** No request fails, none meets a closed model, and in the end all but the last are closed. */
  @Test
  void swapsUnderLoadHundredsOfTimes() throws InterruptedException {
    ModelSlot slot = new ModelSlot();
    List<Model> models = new ArrayList<>();
    Model first = new Model();
    models.add(first);
    slot.exchange(new Serving(version(1), first));
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
                  try (HeldModel held = slot.acquire().orElseThrow()) {
                    Model model = (Model) held.runtime();
                    boolean wentBack = held.version().version() < last;
                    last = held.version().version();
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
    for (int next = 2; next <= 800; next++) {
      Model model = new Model();
      models.add(model);
      slot.exchange(new Serving(version(next), model));
      Thread.yield();
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }

    assertThat(failures).hasValue(0);
    assertThat(requests.get()).isGreaterThan(800);
    assertThat(slot.swaps()).isEqualTo(799);
    assertThat(models.removeLast().closed).isFalse();
    assertThat(models).allSatisfy(model -> assertThat(model.closings).hasValue(1));
  }

  private static ModelVersion version(int number) {
    return new ModelVersion(
        "m",
        number,
        "language",
        "run",
        1,
        number,
        "models/m/" + number,
        "00",
        Map.of(),
        Instant.EPOCH);
  }

  /** Counts how often it is closed. */
  private static final class Model implements ModelRuntime {
    private final AtomicInteger closings = new AtomicInteger();
    private volatile boolean closed;

    @Override
    public void warmUp() {}

    @Override
    public void close() {
      closed = true;
      closings.incrementAndGet();
    }
  }
}
