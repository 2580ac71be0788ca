package io.millrace.inference.search;

import io.millrace.contracts.record.DocumentHeader;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * One of the documents of an id, of which the latest counts: of a partition the one with the
 * highest offset, of several partitions the one that was prepared last.
 *
 * @param documentId of all of them
 * @param partition of the document
 * @param documentOffset of the document in its partition
 * @param preparedAt when its records were written
 */
record Revision(String documentId, int partition, long documentOffset, Instant preparedAt) {

  /**
   * That of a record's document; null if documents of its dataset do not take each other's place.
   *
   * @throws io.millrace.contracts.record.CorruptRecordException if its header is no offset
   */
  static @Nullable Revision of(String documentId, ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(DocumentHeader.NAME);
    return header == null
        ? null
        : new Revision(
            documentId,
            record.partition(),
            DocumentHeader.offset(header.value()),
            Instant.ofEpochMilli(record.timestamp()));
  }
}
