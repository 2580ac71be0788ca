package io.millrace.data.document;

import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry.Kind;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Documents on their way to Kafka. A document counts as accepted once all in-sync replicas have it;
 * those accepted before a failure stay. To be used by one thread.
 */
public final class Upload {
  private final Producer<byte[], byte[]> producer;
  private final Kind kind;
  private final long largest;
  private final Function<Document, ProducerRecord<byte[], byte[]>> encoder;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  Upload(
      Producer<byte[], byte[]> producer,
      Kind kind,
      long largest,
      Function<Document, ProducerRecord<byte[], byte[]>> encoder) {
    this.producer = producer;
    this.kind = kind;
    this.largest = largest;
    this.encoder = encoder;
  }

  /**
   * Checks a document and sends it, without waiting for its acknowledgement.
   *
   * @throws MillraceException if the document is refused, or UNAVAILABLE if an earlier one was lost
   */
  public void append(Document document) {
    Document checked = DocumentRules.check(document, kind, largest);
    throwFailure();
    try {
      producer.send(
          encoder.apply(checked),
          (metadata, exception) -> {
            if (exception == null) {
              acknowledged.incrementAndGet();
            } else {
              failure.compareAndSet(null, exception);
            }
          });
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      throwFailure();
    }
  }

  /**
   * Waits for all acknowledgements.
   *
   * @return the number of documents accepted
   * @throws MillraceException UNAVAILABLE if Kafka did not take one
   */
  public long finish() {
    producer.flush();
    throwFailure();
    return acknowledged.get();
  }

  /** Waits until Kafka has taken or refused what was sent; the number of documents accepted. */
  public long acceptedSoFar() {
    producer.flush();
    return acknowledged.get();
  }

  private void throwFailure() {
    Exception cause = failure.get();
    if (cause != null) {
      throw new MillraceException(
          ErrorCode.UNAVAILABLE, "Kafka did not accept a document: " + cause.getMessage(), cause);
    }
  }
}
