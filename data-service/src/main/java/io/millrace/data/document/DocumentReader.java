package io.millrace.data.document;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.MalformedEventException;
import io.millrace.platform.event.ReceivedEvent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record of a documents topic: a CloudEvent in binary mode whose payload is a {@code
 * Document}, or plain UTF-8 text under the header {@code content-type: text/plain}, whose id is the
 * record's key.
 *
 * <p>A document without an id gets one from its content, so that it always falls into the same
 * split.
 */
public final class DocumentReader {
  private final EventCodec codec;
  private final long largest;

  /**
   * A reader of events.
   *
   * @param largest value in bytes; what other producers write is not checked when it enters
   */
  public DocumentReader(EventCodec codec, long largest) {
    this.codec = codec;
    this.largest = largest;
  }

  /**
   * The document in a record.
   *
   * @throws RejectedDocumentException if there is none
   */
  public Document read(ConsumerRecord<byte[], byte[]> record) throws RejectedDocumentException {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      throw new RejectedDocumentException("the record has no value");
    }
    if (value.length > largest) {
      throw new RejectedDocumentException(
          "the record has %d bytes, the limit is %d; split it".formatted(value.length, largest));
    }
    for (Header header : record.headers()) {
      // The library that reads events trusts in values.
      if (header.value() == null && isRead(header.key())) {
        throw new RejectedDocumentException("header " + header.key() + " has no value");
      }
    }
    String contentType = header(record, "content-type");
    Document document =
        contentType != null && mediaType(contentType).equals("text/plain")
            ? plainText(record, value, contentType)
            : event(record, contentType);
    if (document.getId().length() > DocumentIds.MAX_LENGTH) {
      throw new RejectedDocumentException(
          "the id has %d characters, the limit is %d"
              .formatted(document.getId().length(), DocumentIds.MAX_LENGTH));
    }
    return document.getId().isEmpty()
        ? document.toBuilder().setId(DocumentIds.ofContent(document)).build()
        : document;
  }

  private static Document plainText(
      ConsumerRecord<byte[], byte[]> record, byte[] value, String contentType)
      throws RejectedDocumentException {
    String parameters = contentType.toLowerCase(Locale.ROOT).replace("\"", "").replace(" ", "");
    if (parameters.contains("charset=") && !parameters.contains("charset=utf-8")) {
      throw new RejectedDocumentException(
          "content type '" + contentType + "': text must be in UTF-8");
    }
    byte[] key = record.key();
    TextRules.Decoded decoded = TextRules.decode(value);
    return switch (decoded) {
      case TextRules.Text text ->
          Document.newBuilder()
              .setId(key == null ? "" : new String(key, StandardCharsets.UTF_8))
              .setText(text.text())
              .build();
      case TextRules.Fault fault -> throw new RejectedDocumentException(fault.reason());
    };
  }

  private Document event(ConsumerRecord<byte[], byte[]> record, @Nullable String contentType)
      throws RejectedDocumentException {
    if (record.headers().lastHeader("ce_specversion") == null) {
      throw new RejectedDocumentException(
          contentType == null
              ? "neither a CloudEvent (header ce_specversion) nor text/plain (header content-type)"
              : "content type '" + contentType + "' without a CloudEvent is not read");
    }
    try {
      ReceivedEvent event = codec.decode(record);
      if (!event.type().equals(EventTypes.DOCUMENT)) {
        throw new RejectedDocumentException(
            "event type '" + event.type() + "', expected " + EventTypes.DOCUMENT);
      }
      return event.payload(Document.parser());
    } catch (MalformedEventException e) {
      throw new RejectedDocumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static boolean isRead(String header) {
    return header.equals("content-type") || header.startsWith("ce_");
  }

  private static String mediaType(String contentType) {
    int semicolon = contentType.indexOf(';');
    return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }
}
