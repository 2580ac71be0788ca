package io.millrace.data.prepare;

import io.millrace.contracts.record.DocumentHeader;
import io.millrace.data.WindowLimits;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.ProgressLog;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares one partition of one dataset until it is closed or fenced: reads a window, makes its
 * records, and commits records, dead letters and the position in one Kafka transaction.
 *
 * <p>Nothing is kept but in the log. A new worker of the same partition fences the older one: its
 * open transaction is aborted and it can commit no more.
 */
final class PartitionWorker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWorker.class);

  private final KafkaClients kafka;
  private final DatasetTopics topics;
  private final String dataset;
  private final int partition;
  private final WindowProcessor<?> processor;
  private final RejectionLetters deadLetters;
  private final int documents;
  private final WindowLimits limits;
  private final PreparationStep.Listener steps;
  private final PreparationObserver observer;
  private final Runnable onCaughtUp;
  private final Duration restAfter;
  private OptionalLong restsAt = OptionalLong.empty();
  private volatile boolean stopping;

  PartitionWorker(
      KafkaClients kafka,
      DatasetTopics topics,
      String dataset,
      int partition,
      WindowProcessor<?> processor,
      RejectionLetters deadLetters,
      int documents,
      WindowLimits limits,
      PreparationStep.Listener steps,
      PreparationObserver observer,
      Runnable onCaughtUp,
      Duration restAfter) {
    this.restAfter = restAfter;
    this.kafka = kafka;
    this.topics = topics;
    this.dataset = dataset;
    this.partition = partition;
    this.processor = processor;
    this.deadLetters = deadLetters;
    this.documents = documents;
    this.limits = limits;
    this.steps = steps;
    this.observer = observer;
    this.onCaughtUp = onCaughtUp;
  }

  /** Asks it to end after the window in hand. */
  void stop() {
    stopping = true;
  }

  /** Where it went to rest, as nothing came there any more; empty if it did not. */
  OptionalLong restsAt() {
    return restsAt;
  }

  /**
   * Runs until stopped, or until no document has come for a while.
   *
   * @throws ProducerFencedException once another worker has taken over
   * @throws KafkaException if the cluster fails; what was not committed is prepared again by the
   *     next worker
   */
  @Override
  public void run() {
    String client = "data-" + topics.transactionalId(partition);
    Consumer<byte[], byte[]> consumer = kafka.positionedGroupConsumer(client, topics.group());
    try {
      run(consumer, kafka.transactionalProducer(client, topics.transactionalId(partition)));
    } finally {
      // Not waiting for a fetch that nobody wants any more.
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private void run(Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer) {
    try {
      producer.initTransactions();
      TopicPartition source = new TopicPartition(topics.documents(), partition);
      PartitionProgress progress =
          new ProgressLog(kafka, topics, partition)
              .find(consumer.committed(Set.of(source)).get(source));
      consumer.assign(List.of(source));
      consumer.seek(source, progress.nextOffset());
      // Renews the group's offset, which expires where nothing is committed for a week.
      commit(producer, consumer, new WindowResult(List.of(), List.of(), List.of(), progress));
      LOG.info("Preparing {} from offset {}", source, progress.nextOffset());
      step(PreparationStep.RECOVERED);
      WindowReader reader =
          new WindowReader(consumer, source, documents, limits.size().toBytes(), limits.age());
      long lastWork = System.nanoTime();
      while (!stopping) {
        Window window = reader.next();
        if (window.nextOffset() != progress.nextOffset()) {
          progress = prepare(producer, consumer, window, progress);
          lastWork = System.nanoTime();
        }
        onCaughtUp.run();
        if (System.nanoTime() - lastWork > restAfter.toNanos()) {
          restsAt = OptionalLong.of(progress.nextOffset());
          return;
        }
      }
    } finally {
      // Not a friendly close, which would commit or wait: what is open is for the broker to abort.
      producer.close(Duration.ZERO);
    }
  }

  private PartitionProgress prepare(
      Producer<byte[], byte[]> producer,
      Consumer<byte[], byte[]> consumer,
      Window window,
      PartitionProgress before) {
    step(PreparationStep.READ);
    try (TracedSpan span = observer.windowRead(dataset, partition, window.records())) {
      try {
        return prepareTraced(producer, consumer, window, before);
      } catch (RuntimeException e) {
        span.failed(e);
        throw e;
      }
    }
  }

  private PartitionProgress prepareTraced(
      Producer<byte[], byte[]> producer,
      Consumer<byte[], byte[]> consumer,
      Window window,
      PartitionProgress before) {
    long start = System.nanoTime();
    WindowResult prepared = processor.process(window, before);
    step(PreparationStep.PREPARED);
    PartitionProgress after = commit(producer, consumer, prepared);
    observer.windowCommitted(dataset, before, after, Duration.ofNanos(System.nanoTime() - start));
    step(PreparationStep.COMMITTED);
    return after;
  }

  private PartitionProgress commit(
      Producer<byte[], byte[]> producer, Consumer<byte[], byte[]> consumer, WindowResult window) {
    producer.beginTransaction();
    try {
      step(PreparationStep.BEGUN);
      byte[] progress = bytes(window.after().encode());
      List<Future<RecordMetadata>> letters = new ArrayList<>();
      for (Rejection rejection : window.rejections()) {
        letters.add(producer.send(deadLetters.letter(rejection, progress)));
      }
      long trainEnd =
          Math.max(
              send(producer, topics.train(), window.train(), progress), window.after().trainEnd());
      long heldoutEnd =
          Math.max(
              send(producer, topics.heldout(), window.heldout(), progress),
              window.after().heldoutEnd());
      letters.forEach(PartitionWorker::acknowledged);
      step(PreparationStep.WRITTEN);
      PartitionProgress after = window.after().withEnds(trainEnd, heldoutEnd);
      producer.sendOffsetsToTransaction(
          Map.of(
              new TopicPartition(topics.documents(), partition),
              new OffsetAndMetadata(after.nextOffset(), after.encode())),
          consumer.groupMetadata());
      step(PreparationStep.OFFSETS_SENT);
      producer.commitTransaction();
      return after;
    } catch (ProducerFencedException e) {
      throw e;
    } catch (RuntimeException e) {
      abort(producer, e);
      throw e;
    }
  }

  /** Writes records; the offset after the last one, 0 if there are none. */
  private long send(
      Producer<byte[], byte[]> producer,
      String topic,
      List<PreparedRecord> records,
      byte[] progress) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (PreparedRecord prepared : records) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(topic, partition, null, prepared.message().toByteArray());
      prepared
          .document()
          .ifPresent(
              offset -> record.headers().add(DocumentHeader.NAME, DocumentHeader.value(offset)));
      if (sent.size() == records.size() - 1) {
        record.headers().add(ProgressLog.HEADER, progress);
        Traces.write(record, Traces.current());
      }
      sent.add(producer.send(record));
    }
    producer.flush();
    long end = 0;
    for (Future<RecordMetadata> future : sent) {
      end = acknowledged(future).offset() + 1;
    }
    return end;
  }

  private static RecordMetadata acknowledged(Future<RecordMetadata> sent) {
    try {
      return sent.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private static void abort(Producer<byte[], byte[]> producer, RuntimeException reason) {
    try {
      producer.abortTransaction();
    } catch (RuntimeException e) {
      // The next worker's initTransactions aborts it.
      reason.addSuppressed(e);
    }
  }

  private void step(PreparationStep step) {
    steps.reached(dataset, partition, step);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
