package io.millrace.platform.event;

import com.google.protobuf.Message;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import io.millrace.platform.trace.Traces;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes and reads CloudEvents 1.0 in Kafka's binary mode: attributes are headers ({@code ce_id},
 * {@code ce_type}, ...), the value is a protobuf message, the record's key is the subject.
 */
public final class EventCodec {
  /** Media type of the payloads. */
  public static final String CONTENT_TYPE = "application/protobuf";

  private final URI source;
  private final Clock clock;

  /**
   * A codec.
   *
   * @param source CloudEvents source of what this service writes, e.g. {@code /training-service}
   */
  public EventCodec(URI source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  /** The record of a new event: with a new id, at this time. */
  public ProducerRecord<byte[], byte[]> encode(
      String topic, String key, String type, Message payload) {
    return encode(topic, key, UUID.randomUUID(), type, clock.instant(), payload.toByteArray());
  }

  /** The record of an event that has an id and a time already. */
  public ProducerRecord<byte[], byte[]> encode(
      String topic, String key, UUID id, String type, Instant time, byte[] payload) {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId(id.toString())
            .withType(type)
            .withSource(source)
            .withSubject(key)
            .withTime(time.atOffset(ZoneOffset.UTC))
            .withData(CONTENT_TYPE, payload)
            .build();
    return KafkaMessageFactory.createWriter(topic, null, key.getBytes(StandardCharsets.UTF_8))
        .writeBinary(event);
  }

  /**
   * The event in a record.
   *
   * @throws MalformedEventException if it is none, or not in binary mode with a protobuf payload
   */
  public ReceivedEvent decode(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      throw new MalformedEventException("no value");
    }
    CloudEvent event;
    try {
      event = KafkaMessageFactory.createReader(record).toEvent();
    } catch (CloudEventRWException | IllegalArgumentException | IllegalStateException e) {
      throw new MalformedEventException("not a CloudEvent: " + e.getMessage(), e);
    }
    String contentType = event.getDataContentType();
    if (!CONTENT_TYPE.equals(contentType)) {
      throw new MalformedEventException(
          "content type is " + contentType + ", expected " + CONTENT_TYPE);
    }
    byte[] key = record.key();
    return new ReceivedEvent(
        event.getId(),
        event.getType(),
        event.getSource(),
        event.getTime() == null
            ? Instant.ofEpochMilli(record.timestamp())
            : event.getTime().toInstant(),
        key == null ? "" : new String(key, StandardCharsets.UTF_8),
        value,
        record.topic(),
        record.partition(),
        record.offset(),
        Traces.read(record));
  }
}
