package io.millrace.inference.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.inference.InferenceProperties;
import io.millrace.inference.compute.ComputePool.Place;
import io.millrace.platform.error.ClientGoneException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One thread, and places for three. */
class ComputePoolTest {
  private final ComputePool pool =
      new ComputePool(
          TensorEngine.start("cpu"),
          new InferenceProperties(
              List.of(), 1, 1, 2, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
          new SimpleMeterRegistry());
  private final Queue<String> steps = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws InterruptedException {
    pool.close();
  }

  @Test
  void givesTurnsInOrder() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(3);
    CountDownLatch begin = new CountDownLatch(1);
    pool.schedule(() -> waitFor(begin));
    for (String name : List.of("a", "b", "c")) {
      AtomicInteger left = new AtomicInteger(2);
      pool.schedule(() -> {
        steps.add(name);
        if (left.decrementAndGet() > 0) {
          return true;
        }
        all.countDown();
        return false;
      });
    }

    begin.countDown();
    all.await();

    assertThat(steps).containsExactly("a", "b", "c", "a", "b", "c");
  }

  @Test
  void makesNoStepsForAClientWhoHasLeft() {
    Client client = new Client();

    assertThatThrownBy(() ->
            client.<RuntimeException>serve(() -> {
              pool.callAll(
                  List.of(
                      () -> {
                        steps.add("first");
                        client.leave();
                        return 1;
                      },
                      () -> {
                        steps.add("second");
                        return 2;
                      }));
              return null;
            }))
        .isInstanceOf(ClientGoneException.class);
    assertThat(steps).containsExactly("first");
    assertThat(pool.call(() -> 3)).isEqualTo(3);
  }

  @Test
  void makesNoStepsForACallThatWasCancelled() throws Exception {
    Context.CancellableContext call = Context.current().withCancellation();
    call.cancel(/* cause= */ null);

    assertThatThrownBy(() -> call.call(() -> pool.call(() -> steps.add("one"))))
        .isInstanceOf(ClientGoneException.class);
    assertThat(steps).isEmpty();
  }

  /** Until it waits for its result, which is after it has put its work in the queue. */
  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  /** Between two steps of one request another one has its turn. */
  @Test
  void callsOneAfterTheOtherAndLetsOthersIn() throws InterruptedException {
    Thread other = new Thread(() -> steps.add("other " + pool.call(() -> steps.size())));

    List<String> results =
        pool.callAll(
            List.of(
                () -> {
                  other.start();
                  awaitWaiting(other);
                  steps.add("first");
                  return "a";
                },
                () -> {
                  steps.add("second");
                  return "b";
                }));
    other.join();

    assertThat(results).containsExactly("a", "b");
    assertThat(steps).contains("first", "second", "other 1");
  }

  @Test
  void endsAtTheFirstStepThatFails() {
    assertThatThrownBy(() ->
            pool.callAll(
                List.of(
                    () -> steps.add("first"),
                    () -> {
                      throw new IllegalStateException("no");
                    },
                    () -> steps.add("third"))))
        .hasMessage("no");
    assertThat(steps).containsExactly("first");
    assertThat(pool.call(() -> 7)).isEqualTo(7);
  }

  @Test
  void admitsAsManyAsThereArePlaces() {
    Place first = pool.admit();
    pool.admit();
    Place third = pool.tryAdmit().orElseThrow();

    assertThat(pool.tryAdmit()).isEmpty();
    requireRefused(ErrorCode.OVERLOADED);
    first.close();
    first.close();
    pool.admit();
    requireRefused(ErrorCode.OVERLOADED);
    third.close();
    assertThat(pool.tryAdmit()).isPresent();
  }

  @Test
  void callsInAPlaceAndGivesItBack() {
    for (int i = 0; i < 5; i++) {
      assertThat(pool.<String>call(() -> Thread.currentThread().getName())).isEqualTo("compute-0");
    }
    assertThatThrownBy(() ->
            pool.call(() -> {
              throw new UnsupportedOperationException("on purpose");
            }))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() ->
            pool.call(() -> {
              throw new IOException("on purpose");
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseInstanceOf(IOException.class);
    assertThat(List.of(pool.admit(), pool.admit(), pool.admit())).hasSize(3);
  }

  @Test
  void survivesWorkThatDoesNotHandleItsFailures() {
    pool.schedule(() -> {
      throw new UnsupportedOperationException("on purpose");
    });

    assertThat(pool.<Integer>call(() -> 7)).isEqualTo(7);
  }

  /** Work that has begun hears that its time is over, in a turn of its own, before threads end. */
  @Test
  void abandonsWhatIsOnItsWayWhenItStops() throws InterruptedException {
    Place place = pool.admit();
    CountDownLatch begun = new CountDownLatch(2);
    for (String name : List.of("a", "b")) {
      pool.schedule(() -> {
        begun.countDown();
        try {
          place.requireTime();
          return true;
        } catch (MillraceException e) {
          steps.add(name + " " + e.code());
          return false;
        }
      });
    }
    begun.await();

    pool.close();

    assertThat(steps).containsExactlyInAnyOrder("a UNAVAILABLE", "b UNAVAILABLE");
    requireRefused(ErrorCode.UNAVAILABLE);
  }

  private void requireRefused(ErrorCode code) {
    assertThatThrownBy(pool::admit)
        .isInstanceOfSatisfying(
            MillraceException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  private static boolean waitFor(CountDownLatch latch) {
    try {
      latch.await();
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
