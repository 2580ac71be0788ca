package io.millrace.data.document;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.MalformedEventException;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record of a documents topic, by its header {@code content-type}:
 *
 * <ul>
 *   <li>{@code application/protobuf}: a CloudEvent in binary mode whose payload is a {@code
 *       Document};
 *   <li>{@code application/json}: a document as a line of an upload has it, with or without the
 *       headers of a CloudEvent;
 *   <li>{@code text/plain}: a text in UTF-8;
 *   <li>none: what the dataset's policy says that plain values are.
 * </ul>
 *
 * <p>Where the document has no id of its own, it is the record's key, and without a key the id
 * comes from the content, so that the document always falls into the same split.
 */
public final class DocumentReader {
  private final EventCodec codec;
  private final DocumentRules rules;
  private final JsonDocuments json;
  private final PlainValues plainValues;
  private final Content content;

  /**
   * A reader of one dataset.
   *
   * @param largest value in bytes; what other producers write is not checked when it enters
   */
  public DocumentReader(EventCodec codec, DatasetEntry dataset, long largest) {
    this.codec = codec;
    this.rules = new DocumentRules(dataset.content(), largest);
    this.content = dataset.content();
    this.json = new JsonDocuments(Math.toIntExact(largest));
    this.plainValues = dataset.intake().plainValues();
  }

  /**
   * The document in a record, checked by the same rules as one of an upload.
   *
   * @throws RejectedDocumentException if there is none
   */
  public Document read(ConsumerRecord<byte[], byte[]> record) throws RejectedDocumentException {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      throw new RejectedDocumentException("the record has no value");
    }
    if (value.length > rules.largest()) {
      throw new RejectedDocumentException(
          "the record has %d bytes, the limit is %d; split it"
              .formatted(value.length, rules.largest()));
    }
    for (Header header : record.headers()) {
      // The library that reads events trusts in values.
      if (header.value() == null && isRead(header.key())) {
        throw new RejectedDocumentException("header " + header.key() + " has no value");
      }
    }
    return rules.check(withKey(decode(record, value), record.key()));
  }

  private Document decode(ConsumerRecord<byte[], byte[]> record, byte[] value)
      throws RejectedDocumentException {
    boolean event = record.headers().lastHeader("ce_specversion") != null;
    String contentType = header(record, "content-type");
    if (contentType == null) {
      return event ? event(record) : plain(value);
    }
    return switch (mediaType(contentType)) {
      case "text/plain" -> {
        requireUtf8(contentType);
        yield text(value);
      }
      case "application/json" -> {
        requireUtf8(contentType);
        if (event) {
          requireDocument(String.valueOf(header(record, "ce_type")));
        }
        yield json(value);
      }
      default -> {
        if (event) {
          yield event(record);
        }
        throw new RejectedDocumentException(
            "content type '" + contentType + "' without a CloudEvent is not read");
      }
    };
  }

  private Document plain(byte[] value) throws RejectedDocumentException {
    return switch (plainValues) {
      case TEXT -> text(value);
      case JSON -> json(value);
      case REJECT ->
          throw new RejectedDocumentException(
              "neither a CloudEvent (header ce_specversion) nor text/plain or application/json"
                  + " (header content-type), and the dataset takes no plain values");
    };
  }

  private Document json(byte[] value) throws RejectedDocumentException {
    try {
      return json.read(value, ExtraFields.REFUSE, content);
    } catch (MillraceException e) {
      throw RejectedDocumentException.of(e);
    }
  }

  private static Document text(byte[] value) throws RejectedDocumentException {
    return switch (TextRules.decode(value)) {
      case TextRules.Text text -> Document.newBuilder().setText(text.text()).build();
      case TextRules.Fault fault -> throw new RejectedDocumentException(fault.reason());
    };
  }

  private Document event(ConsumerRecord<byte[], byte[]> record) throws RejectedDocumentException {
    try {
      ReceivedEvent event = codec.decode(record);
      requireDocument(event.type());
      return event.payload(Document.parser());
    } catch (MalformedEventException e) {
      throw new RejectedDocumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireDocument(String type) throws RejectedDocumentException {
    if (!type.equals(EventTypes.DOCUMENT)) {
      throw new RejectedDocumentException(
          "event type '" + type + "', expected " + EventTypes.DOCUMENT);
    }
  }

  private static void requireUtf8(String contentType) throws RejectedDocumentException {
    String parameters = contentType.toLowerCase(Locale.ROOT).replace("\"", "").replace(" ", "");
    if (parameters.contains("charset=") && !parameters.contains("charset=utf-8")) {
      throw new RejectedDocumentException(
          "content type '" + contentType + "': text must be in UTF-8");
    }
  }

  private static Document withKey(Document document, byte @Nullable [] key)
      throws RejectedDocumentException {
    if (!document.getId().isEmpty() || key == null || key.length == 0) {
      return document;
    }
    return switch (TextRules.decode(key)) {
      case TextRules.Text text -> document.toBuilder().setId(text.text()).build();
      case TextRules.Fault fault ->
          throw new RejectedDocumentException(
              "id", "the key, which would be its id, is " + fault.reason());
    };
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
