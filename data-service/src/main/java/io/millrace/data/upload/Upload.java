package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.DocumentRules;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
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
public final class Upload implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;
  private final DocumentRules rules;
  private final Function<Document, ProducerRecord<byte[], byte[]>> encoder;
  private final @Nullable KeyedUpload keyed;
  private final Function<Exception, String> reasons;
  private final AtomicLong firstLost = new AtomicLong(Long.MAX_VALUE);
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private long sent;

  Upload(
      Producer<byte[], byte[]> producer,
      DocumentRules rules,
      Function<Document, ProducerRecord<byte[], byte[]>> encoder,
      @Nullable KeyedUpload keyed,
      Function<Exception, String> reasons) {
    this.producer = producer;
    this.rules = rules;
    this.encoder = encoder;
    this.keyed = keyed;
    this.reasons = reasons;
  }

  /** What the documents of the dataset are. */
  Content content() {
    return rules.content();
  }

  /**
   * Checks a document and sends it, without waiting for its acknowledgement. One that an earlier
   * request with the same key has sent already counts as sent.
   *
   * @throws MillraceException if the document is refused, or UNAVAILABLE if an earlier one was lost
   */
  public void append(Document document) {
    Document checked;
    try {
      checked = rules.check(document);
    } catch (RejectedDocumentException e) {
      throw e.refusal();
    }
    throwFailure();
    UploadMark mark = null;
    if (keyed != null) {
      mark = keyed.next(sent, checked);
      if (mark == null) {
        sent++;
        return;
      }
    }
    ProducerRecord<byte[], byte[]> record = encoder.apply(checked);
    if (mark != null) {
      mark.write(record);
    }
    long index = sent++;
    try {
      producer.send(
          record,
          (metadata, exception) -> {
            if (exception != null) {
              lost(index, exception);
            }
          });
    } catch (KafkaException e) {
      lost(index, e);
      throwFailure();
    }
  }

  private void lost(long index, Exception reason) {
    failure.compareAndSet(null, reason);
    firstLost.accumulateAndGet(index, Math::min);
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
    if (keyed != null) {
      keyed.complete(sent);
    }
    return sent;
  }

  /** Ends the upload, however it went; one with a key can be sent again from now on. */
  @Override
  public void close() {
    if (keyed != null) {
      producer.flush();
      keyed.close();
    }
  }

  /**
   * Waits until Kafka has taken or refused what was sent; the number of documents before the first
   * that it did not take: whoever goes on there loses none. Some after it may have been taken too.
   */
  public long acceptedSoFar() {
    producer.flush();
    return Math.min(firstLost.get(), sent);
  }

  /** The failure that ended the upload, with what a caller needs to know to go on after it. */
  public MillraceException ended(MillraceException reason) {
    long accepted = acceptedSoFar();
    String message = reason.getMessage();
    if (failure.get() != null) {
      message += " (the first %d documents were accepted; go on after them)".formatted(accepted);
    } else if (accepted > 0) {
      message += " (" + accepted + " documents before it were accepted)";
    }
    return new MillraceException(reason.code(), message, reason.parameter(), reason);
  }

  /** The refusal of a document with its place; a failure of Kafka is about no one document. */
  public static MillraceException about(String place, MillraceException refusal) {
    return refusal.code() == ErrorCode.UNAVAILABLE
        ? refusal
        : new MillraceException(
            refusal.code(), place + ": " + refusal.getMessage(), refusal.parameter(), refusal);
  }

  private void throwFailure() {
    Exception cause = failure.get();
    if (cause != null) {
      throw new MillraceException(
          ErrorCode.UNAVAILABLE, "Kafka did not accept a document: " + reasons.apply(cause), cause);
    }
  }
}
