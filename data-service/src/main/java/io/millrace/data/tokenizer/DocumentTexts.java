package io.millrace.data.tokenizer;

import io.millrace.data.document.DocumentReader;
import io.millrace.data.document.DocumentText;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.platform.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a documents topic up to given offsets, partition after partition, read as they are
 * asked for. Skips documents that preparation will reject; preparation counts them. Waits forever
 * for a cluster that does not answer, and says so. One iteration at a time.
 */
final class DocumentTexts implements Iterable<String>, AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int EMPTY_POLLS = 600;

  private final KafkaClients kafka;
  private final DocumentReader reader;
  private final String topic;
  private final List<Long> until;
  private final JobProgress progress;
  private final Consumer<byte[], byte[]> consumer;

  /**
   * Texts.
   *
   * @param until end offset of every partition
   * @param progress told how many documents were read so far, and what is waited for
   */
  DocumentTexts(
      KafkaClients kafka,
      DocumentReader reader,
      String topic,
      List<Long> until,
      JobProgress progress) {
    this.kafka = kafka;
    this.consumer = kafka.consumer("data-tokenizer-" + topic);
    this.reader = reader;
    this.topic = topic;
    this.until = until;
    this.progress = progress;
  }

  @Override
  public Iterator<String> iterator() {
    return new Texts();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }

  private final class Texts implements Iterator<String> {
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private int partition = -1;
    private int empty;
    private long documents;
    private @Nullable String next = advance();

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public String next() {
      String text = next;
      if (text == null) {
        throw new NoSuchElementException();
      }
      next = advance();
      return text;
    }

    private @Nullable String advance() {
      while (true) {
        ConsumerRecord<byte[], byte[]> record = waiting.pollFirst();
        if (record == null) {
          if (!fill()) {
            return null;
          }
          continue;
        }
        if (record.offset() >= until.get(partition)) {
          continue;
        }
        progress.read(++documents);
        try {
          String text = DocumentText.of(reader.read(record));
          if (!text.isBlank()) {
            return text;
          }
        } catch (RejectedDocumentException e) {
          continue; // Counted and set aside when it is prepared.
        }
      }
    }

    /** Polls more records of this or the next partition; false at the end of the last one. */
    private boolean fill() {
      empty = 0;
      while (waiting.isEmpty()) {
        try {
          if (isAtEnd() && !nextPartition()) {
            return false;
          }
          poll();
        } catch (RetriableException e) {
          progress.waitFor(kafka.reason(e));
          LockSupport.parkNanos(POLL.toNanos());
        }
      }
      return true;
    }

    private boolean isAtEnd() {
      return partition < 0 || position() >= until.get(partition);
    }

    /** False after the last. */
    private boolean nextPartition() {
      if (++partition == until.size()) {
        return false;
      }
      TopicPartition place = new TopicPartition(topic, partition);
      consumer.assign(List.of(place));
      consumer.seekToBeginning(List.of(place));
      empty = 0;
      return true;
    }

    /** A poll does not fail while no broker answers: it has nothing. */
    private void poll() {
      consumer.poll(POLL).forEach(waiting::addLast);
      if (!waiting.isEmpty()) {
        progress.goOn();
      } else if (++empty % EMPTY_POLLS == 0) {
        progress.waitFor(
            "Kafka gives nothing of %s-%d beyond offset %d: it does not answer, or a transaction is open there"
                .formatted(topic, partition, position()));
      }
    }

    private long position() {
      return consumer.position(new TopicPartition(topic, partition));
    }
  }
}
