package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The header of a document that came by an upload with a key: which upload, the document's place in
 * it, and a checksum by which another document at that place is noticed.
 *
 * @param upload its id
 * @param index of the document, from 0
 * @param crc32c of the document
 */
record UploadMark(UUID upload, int index, int crc32c) {
  private static final String HEADER = "millrace-upload";

  /** The mark of a document. */
  static UploadMark of(UUID upload, int index, Document document) {
    CRC32C crc = new CRC32C();
    crc.update(document.toByteArray());
    return new UploadMark(upload, index, (int) crc.getValue());
  }

  /** The mark of a record; null if it came another way. */
  static @Nullable UploadMark read(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(HEADER);
    if (header == null || header.value() == null) {
      return null;
    }
    String[] parts = new String(header.value(), StandardCharsets.UTF_8).split("/", -1);
    try {
      return parts.length == 3
          ? new UploadMark(
              UUID.fromString(parts[0]),
              Integer.parseInt(parts[1]),
              Integer.parseUnsignedInt(parts[2], 16))
          : null;
    } catch (IllegalArgumentException e) {
      return null; // Another producer's header of that name.
    }
  }

  /** Marks a record. */
  void write(ProducerRecord<byte[], byte[]> record) {
    String text = "%s/%d/%08x".formatted(upload, index, crc32c);
    record.headers().add(HEADER, text.getBytes(StandardCharsets.UTF_8));
  }
}
