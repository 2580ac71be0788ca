package io.millrace.data.upload;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentRules;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.trace.Traces;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Appends documents to the topics of datasets, through one idempotent producer. */
@Component
public class DocumentAppender implements DisposableBean {
  private final KafkaClients kafka;
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private final Producer<byte[], byte[]> producer;
  private final EventCodec codec;
  private final Topics topics;
  private final DataProperties settings;
  private final KeyedUploads keyed;

  /** On a cluster. */
  DocumentAppender(
      KafkaClients kafka,
      EventCodec codec,
      Topics topics,
      DataProperties settings,
      KeyedUploads keyed) {
    this.kafka = kafka;
    this.producer = kafka.bulkProducer("data-documents");
    this.codec = codec;
    this.topics = topics;
    this.settings = settings;
    this.keyed = keyed;
  }

  /**
   * Begins an upload to a dataset.
   *
   * @param key see {@link UploadKey}; null if the upload has none
   * @throws MillraceException INVALID_ARGUMENT if the key is none, FAILED_PRECONDITION if an upload
   *     with it is going on
   */
  public Upload begin(DatasetEntry dataset, @Nullable String key) {
    String topic = topics.documents(dataset.name());
    String checked = UploadKey.check(key);
    // Once an upload: all its documents belong to the request that brings them.
    String traceparent = Traces.current();
    return new Upload(
        producer,
        new DocumentRules(dataset.content(), settings.document().toBytes()),
        document -> {
          ProducerRecord<byte[], byte[]> record =
              codec.encode(topic, document.getId(), EventTypes.DOCUMENT, document);
          Traces.write(record, traceparent);
          return record;
        },
        checked == null ? null : keyed.begin(dataset, checked),
        kafka::reason);
  }

  @Override
  public void destroy() {
    // Uploads wait for their acknowledgements; those that were cut off do so no more.
    producer.close(CLOSE);
  }
}
