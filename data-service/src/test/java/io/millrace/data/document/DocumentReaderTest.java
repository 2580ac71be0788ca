package io.millrace.data.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.contracts.EventTypes;
import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.Row;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy;
import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other producers may write, and what is refused of it rather than met as a defect. */
class DocumentReaderTest {
  private static final int LARGEST = 200;

  private final EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
  private final DocumentReader reader =
      new DocumentReader(codec, dataset(PlainValues.REJECT), LARGEST);

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

  @Test
  void readsJsonWithAndWithoutAnEvent() throws RejectedDocumentException {
    ConsumerRecord<byte[], byte[]> alone = record("{\"id\":\"own\",\"text\":\"a text\"}");
    alone.headers().add("content-type", bytes("application/json; charset=utf-8"));
    assertThat(reader.read(alone))
        .isEqualTo(Document.newBuilder().setId("own").setText("a text").build());
    ConsumerRecord<byte[], byte[]> keyed = jsonEvent(EventTypes.DOCUMENT, "{\"text\":\"b\"}");
    assertThat(reader.read(keyed))
        .isEqualTo(Document.newBuilder().setId("key").setText("b").build());
    assertRejected(
        jsonEvent("other", "{\"text\":\"b\"}"),
        "event type 'other', expected " + EventTypes.DOCUMENT);
    assertRejected(jsonEvent(EventTypes.DOCUMENT, "{\"text\":5}"), "text must be a string");
    ConsumerRecord<byte[], byte[]> avro = record("b");
    avro.headers().add("content-type", bytes("application/avro"));
    assertRejected(avro, "content type 'application/avro' without a CloudEvent is not read");
  }

  @Test
  void plainValuesAreWhatTheDatasetSays() throws RejectedDocumentException {
    assertRejected(
        record("a"),
        "neither a CloudEvent (header ce_specversion) nor text/plain or application/json"
            + " (header content-type), and the dataset takes no plain values");
    DocumentReader texts = new DocumentReader(codec, dataset(PlainValues.TEXT), LARGEST);
    assertThat(texts.read(record("{}")))
        .isEqualTo(Document.newBuilder().setId("key").setText("{}").build());
    assertThat(texts.read(event()).getText()).isEqualTo("a text");
    DocumentReader json = new DocumentReader(codec, dataset(PlainValues.JSON), LARGEST);
    assertThat(json.read(new ConsumerRecord<>("t", 0, 0, null, bytes("{\"text\":\"c\"}"))))
        .satisfies(document -> assertThat(document.getText()).isEqualTo("c"))
        .satisfies(document -> assertThat(document.getId()).hasSize(32));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a\\0b | key | not text: a NUL character at position 1",
        "` ` | key | the text is empty",
        "a | k\\0 | the id has control characters",
        "a | k\\n | the id has control characters",
        "a | k\\205 | the id has control characters",
      })
  void anEventFollowsTheRulesOfUploads(String text, String id, String reason) {
    Document document =
        Document.newBuilder().setId(id.translateEscapes()).setText(text.translateEscapes()).build();
    assertRejected(event(document), reason);
    assertThatThrownBy(() -> new DocumentRules(new Content.Text(64, null), LARGEST).check(document))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }

  @Test
  void aPlainTextFollowsThemToo() {
    assertRejected(plain("key", "a\0b"), "not text but binary data: a NUL byte at position 1");
    assertRejected(plain("key", " \n"), "the text is empty");
    assertRejected(plain("k\u0007", "a"), "the id has control characters");
    assertRejected(
        plain("k\0", "a"),
        "the key, which would be its id, is not text but binary data: a NUL byte at position 1");
    assertRejected(
        event(Document.newBuilder().setImage(Image.newBuilder()).build()),
        "the dataset holds text, this is an image");
    assertRejected(
        event(Document.getDefaultInstance().toBuilder().setId("x").build()),
        "a document needs a text, an image or a row");
  }

  @Test
  void labelsAreClassesOfTheDataset() {
    Content labelled = new Content.Text(64, null, List.of("good", "bad"));
    Document text = Document.newBuilder().setId("1").setText("a").build();
    assertThat(check(labelled, text.toBuilder().setLabel("bad").build())).isEmpty();
    assertThat(check(labelled, text))
        .isEqualTo(
            "the label is missing; it must be one of good, bad"
                + " (a dataset without classes takes what has none)");
    assertThat(check(labelled, text.toBuilder().setLabel("ugly").build()))
        .isEqualTo("the label 'ugly' is not a class of the dataset; there are good, bad");
    assertThat(check(new Content.Text(64, null), text.toBuilder().setLabel("bad").build()))
        .isEqualTo("the label is 'bad', but the dataset has no classes");
    assertThat(
            check(
                new Content.Pictures(64, 64, List.of("cat")),
                Document.newBuilder()
                    .setId("1")
                    .setImage(Image.newBuilder().setEncoded(ByteString.copyFromUtf8("x")))
                    .build()))
        .isEmpty();
  }

  @Test
  void rowsHaveAFiniteNumberInEachColumnOfTheDataset() {
    Content rows = new Content.Rows(List.of("age", "height"), List.of());
    assertThat(check(rows, row("height", 1, "age", 2))).isEmpty();
    assertThat(check(rows, row("age", 1))).isEqualTo("column 'height' is missing");
    assertThat(check(rows, row("age", 1, "age", 2))).isEqualTo("column 'age' is there twice");
    assertThat(check(rows, row("age", 1, "hight", 2)))
        .isEqualTo("the dataset has no column 'hight'; it has age, height");
    assertThat(check(rows, row("age", 1, "height", Float.NaN)))
        .isEqualTo("column 'height' is NaN; it must be a number that float32 holds");
    assertThat(check(rows, Document.newBuilder().setText("a").build()))
        .isEqualTo("the dataset holds rows, this is text");
    assertThat(check(new Content.Text(64, null), row("age", 1)))
        .isEqualTo("the dataset holds text, this is a row");
  }

  private static Document row(Object... cells) {
    Row.Builder row = Row.newBuilder();
    for (int i = 0; i < cells.length; i += 2) {
      row.addCells(
          Cell.newBuilder()
              .setColumn((String) cells[i])
              .setNumber(((Number) cells[i + 1]).floatValue()));
    }
    return Document.newBuilder().setId("r").setRow(row).build();
  }

  /** Why a document is refused; empty if it is taken. */
  private static String check(Content content, Document document) {
    try {
      assertThat(new DocumentRules(content, LARGEST).check(document)).isEqualTo(document);
      return "";
    } catch (RejectedDocumentException e) {
      return e.reason();
    }
  }

  private void assertRejected(ConsumerRecord<byte[], byte[]> record, String reason) {
    assertThatThrownBy(() -> reader.read(record))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }

  private static DatasetEntry dataset(PlainValues plainValues) {
    return new DatasetEntry(
        "texts",
        new Content.Text(64, null),
        5,
        new IntakePolicy(DuplicateIds.KEEP, plainValues, 1),
        Instant.EPOCH);
  }

  private static ConsumerRecord<byte[], byte[]> plain(String key, String text) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, bytes(key), bytes(text));
    record.headers().add("content-type", bytes("text/plain"));
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> jsonEvent(String type, String value) {
    ConsumerRecord<byte[], byte[]> record = record(value);
    record
        .headers()
        .add("ce_specversion", bytes("1.0"))
        .add("ce_type", bytes(type))
        .add("content-type", bytes("application/json"));
    return record;
  }

  private ConsumerRecord<byte[], byte[]> event() {
    return event(Document.newBuilder().setId("key").setText("a text").build());
  }

  private ConsumerRecord<byte[], byte[]> event(Document document) {
    ProducerRecord<byte[], byte[]> sent = codec.encode("t", "key", EventTypes.DOCUMENT, document);
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
