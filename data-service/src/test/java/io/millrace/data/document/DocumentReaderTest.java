package io.millrace.data.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.event.EventCodec;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other producers may write, and what is refused of it rather than met as a defect. */
class DocumentReaderTest {
  private static final int LARGEST = 200;

  private final EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
  private final DocumentReader reader = new DocumentReader(codec, LARGEST);

  @Test
  void readsEventsAndPlainText() throws RejectedDocumentException {
    assertThat(reader.read(event()).getText()).isEqualTo("a text");
    ConsumerRecord<byte[], byte[]> plain = record("plain");
    plain.headers().add("content-type", bytes("Text/Plain; charset=\"utf-8\""));
    assertThat(reader.read(plain))
        .isEqualTo(Document.newBuilder().setId("key").setText("plain").build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ce_specversion", "ce_type", "content-type"})
  void aHeaderWithoutValueIsARejection(String name) {
    ConsumerRecord<byte[], byte[]> record = event();
    record.headers().remove(name).add(name, null);
    assertRejected(record, "header " + name + " has no value");
    ConsumerRecord<byte[], byte[]> alone = record("plain");
    alone.headers().add(name, null);
    assertRejected(alone, "header " + name + " has no value");
  }

  @Test
  void refusesWhatIsNoDocument() {
    assertRejected(record(""), "the record has no value");
    assertRejected(record("x".repeat(201)), "the record has 201 bytes, the limit is 200; split it");
    ConsumerRecord<byte[], byte[]> longId =
        new ConsumerRecord<>("t", 0, 0, bytes("k".repeat(513)), bytes("a"));
    longId.headers().add("content-type", bytes("text/plain"));
    assertRejected(longId, "the id has 513 characters, the limit is 512");
    ConsumerRecord<byte[], byte[]> latin = record("a");
    latin.headers().add("content-type", bytes("text/plain; charset=latin1"));
    assertRejected(latin, "content type 'text/plain; charset=latin1': text must be in UTF-8");
  }

  private void assertRejected(ConsumerRecord<byte[], byte[]> record, String reason) {
    assertThatThrownBy(() -> reader.read(record))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }

  private ConsumerRecord<byte[], byte[]> event() {
    ProducerRecord<byte[], byte[]> sent =
        codec.encode(
            "t",
            "key",
            EventTypes.DOCUMENT,
            Document.newBuilder().setId("key").setText("a text").build());
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, sent.key(), sent.value());
    for (Header header : sent.headers()) {
      record.headers().add(header);
    }
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> record(String value) {
    return new ConsumerRecord<>("t", 0, 0, bytes("key"), bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
