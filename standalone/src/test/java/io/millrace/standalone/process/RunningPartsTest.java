package io.millrace.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class RunningPartsTest {

  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final RunningParts parts = new RunningParts(line -> {});

  @Test
  void stopInReverseOrderAndOnce() {
    start("home");
    start("servers");
    start("services");
    parts.close();
    parts.close();
    assertThat(stopped).containsExactly("services", "servers", "home");
  }

  @Test
  void letNothingStartAfterwards() {
    parts.close();
    assertThatThrownBy(() -> start("late")).isInstanceOf(InterruptedProcessException.class);
    assertThat(stopped).isEmpty();
  }

  @Test
  void alsoStopWhatIsBeingStarted() throws InterruptedException {
    start("home");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Thread starter =
        Thread.ofVirtual()
            .start(() ->
                parts.<AutoCloseable>start(() -> {
                  begun.countDown();
                  finish.await();
                  return () -> stopped.add("server");
                }));
    begun.await();
    Thread closer = Thread.ofVirtual().start(parts::close);
    Thread.sleep(100);
    assertThat(stopped).as("the home is needed until the server has stopped").isEmpty();
    finish.countDown();
    closer.join();
    starter.join();
    assertThat(stopped).containsExactly("server", "home");
  }

  @Test
  void stopAllThoughOneFails() {
    start("home");
    parts.<AutoCloseable>start(() ->
        () -> {
          throw new IllegalStateException("stuck");
        });
    assertThatThrownBy(parts::close)
        .hasMessageContaining("did not stop cleanly")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .singleElement()
                .hasToString("java.lang.IllegalStateException: stuck"));
    assertThat(stopped).containsExactly("home");
  }

  @Test
  void countNoPartThatDidNotStart() {
    assertThatThrownBy(() ->
            parts.<AutoCloseable>start(() -> {
              throw new IllegalStateException("no room");
            }))
        .hasMessage("no room");
    parts.close();
    assertThat(stopped).isEmpty();
  }

  private void start(String name) {
    parts.<AutoCloseable>start(() -> () -> stopped.add(name));
  }
}
