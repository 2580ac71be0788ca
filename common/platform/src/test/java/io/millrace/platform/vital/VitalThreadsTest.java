package io.millrace.platform.vital;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TestKafka;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class VitalThreadsTest {
  private final AtomicLong now = new AtomicLong();
  private final VitalThreads threads = new VitalThreads(now::get);

  @Test
  void tellWhoHasEndedAndWhy() throws InterruptedException {
    Thread dying =
        threads.start(
            Thread.ofPlatform().name("reader").uncaughtExceptionHandler((thread, e) -> {}),
            () -> {
              throw new NoClassDefFoundError("gone");
            });
    Thread leaving = threads.start(Thread.ofVirtual().name("relay"), () -> {});
    dying.join();
    leaving.join();

    assertThat(threads.dead())
        .containsExactly(
            "reader has ended: java.lang.NoClassDefFoundError: gone", "relay has ended");
    threads.forget(leaving);
    threads.forget(dying);
    assertThat(threads.dead()).isEmpty();
  }

  @Test
  void tellWhoIsSilent() throws InterruptedException {
    SynchronousQueue<String> signs = new SynchronousQueue<>();
    CountDownLatch end = new CountDownLatch(1);
    Thread reader =
        threads.start(
            Thread.ofVirtual().name("reader"),
            Duration.ofSeconds(10),
            () -> {
              await(signs);
              threads.beat();
              await(signs);
              await(end);
            });
    Thread quiet = threads.start(Thread.ofVirtual().name("quiet"), () -> await(end));

    now.addAndGet(Duration.ofSeconds(11).toNanos());
    assertThat(threads.silent()).containsExactly("reader is silent for 11 s");
    signs.put("beat");
    signs.put("and that was it");
    assertThat(threads.silent()).isEmpty();
    threads.beat();
    end.countDown();
    reader.join();
    quiet.join();
    assertThat(threads.dead()).hasSize(2);
  }

  /** Closing is what ends the thread of a client of Kafka at will. */
  @Test
  void tellOfAClientOfKafkaThatHasEnded() {
    KafkaClients kafka = TestKafka.clients();
    assertThat(kafka.trouble(Duration.ofSeconds(60))).isNull();
    kafka.close();
    assertThat(kafka.trouble(Duration.ofSeconds(1))).contains("AdminClient is closing");
  }

  private static void await(SynchronousQueue<String> signs) {
    try {
      assertThat(signs.take()).isNotEmpty();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
