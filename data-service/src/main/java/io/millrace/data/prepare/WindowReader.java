package io.millrace.data.prepare;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Cuts one partition into windows; what a window does not take begins the next one. */
final class WindowReader {
  private static final Duration IDLE = Duration.ofMillis(500);

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final int documents;
  private final long bytes;
  private final Duration age;
  private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();

  /** A reader of the only partition assigned to the consumer, from the consumer's position. */
  WindowReader(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      int documents,
      long bytes,
      Duration age) {
    this.consumer = consumer;
    this.partition = partition;
    this.documents = documents;
    this.bytes = bytes;
    this.age = age;
  }

  /** The next window; an empty one if no document comes for a while. */
  Window next() {
    List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>();
    if (waiting.isEmpty()) {
      poll(IDLE);
    }
    long taking = take(taken, 0);
    long deadline = System.nanoTime() + age.toNanos();
    while (!taken.isEmpty() && waiting.isEmpty() && taken.size() < documents && taking < bytes) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      poll(Duration.ofNanos(left));
      taking = take(taken, taking);
    }
    ConsumerRecord<byte[], byte[]> first = waiting.peekFirst();
    return new Window(taken, first == null ? consumer.position(partition) : first.offset());
  }

  private void poll(Duration timeout) {
    consumer.poll(timeout).forEach(waiting::addLast);
  }

  /** Moves waiting records to the window as far as it takes them; the window's size in bytes. */
  private long take(List<ConsumerRecord<byte[], byte[]>> taken, long size) {
    long sum = size;
    while (!waiting.isEmpty() && taken.size() < documents) {
      ConsumerRecord<byte[], byte[]> record = waiting.getFirst();
      long next =
          Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
      if (!taken.isEmpty() && sum + next > bytes) {
        break;
      }
      taken.add(waiting.removeFirst());
      sum += next;
    }
    return sum;
  }
}
