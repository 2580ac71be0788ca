package io.millrace.data.upload;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentRules;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Appends documents to the topics of datasets, through one idempotent producer. */
@Component
public class DocumentAppender implements DisposableBean {
  private final Producer<byte[], byte[]> producer;
  private final EventCodec codec;
  private final Topics topics;
  private final DataProperties settings;

  /** On a cluster. */
  public DocumentAppender(
      KafkaClients kafka, EventCodec codec, Topics topics, DataProperties settings) {
    this.producer = kafka.producer("data-documents");
    this.codec = codec;
    this.topics = topics;
    this.settings = settings;
  }

  /** Begins an upload to a dataset. */
  public Upload begin(DatasetEntry dataset) {
    String topic = topics.documents(dataset.name());
    return new Upload(
        producer,
        new DocumentRules(dataset.content(), settings.document().toBytes()),
        document -> codec.encode(topic, document.getId(), EventTypes.DOCUMENT, document));
  }

  @Override
  public void destroy() {
    producer.close();
  }
}
