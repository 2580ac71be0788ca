package io.millrace.data.prepare;

import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.DeadLetterHeaders;
import io.millrace.data.log.ProgressLog;
import io.millrace.platform.checkpoint.Sha256;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Makes the dead letters of a dataset, none larger than Kafka takes: a letter that could not be
 * written would hold up all documents behind it forever.
 *
 * <p>A letter has the record's key, value and headers and says where it was and why it is here. A
 * record for which that is too much is told by its size and SHA-256 instead; it stays in the
 * documents topic.
 */
final class RejectionLetters {
  private static final int LONGEST_REASON = 1024;
  private static final int HEADER_OVERHEAD = 16;

  private final DatasetTopics topics;
  private final long largest;

  /**
   * Letters of one dataset.
   *
   * @param maxMessageSize largest record that Kafka takes, in bytes
   */
  RejectionLetters(DatasetTopics topics, long maxMessageSize) {
    this.topics = topics;
    // Records have an envelope, and what cannot be compressed grows a little by the attempt.
    this.largest = maxMessageSize - maxMessageSize / 32;
  }

  /** The letter of a rejection. */
  ProducerRecord<byte[], byte[]> letter(Rejection rejection, byte[] progress) {
    ConsumerRecord<byte[], byte[]> record = rejection.record();
    List<Header> headers = Arrays.asList(record.headers().toArray());
    String reason = shortened(rejection.reason());
    var whole = letter(record, record.key(), record.value(), headers, reason, progress);
    if (size(whole) <= largest) {
      return whole;
    }
    byte[] value = record.value() == null ? new byte[0] : record.value();
    String without =
        "%s (its value of %d bytes, SHA-256 %s, is left out here)"
            .formatted(reason, value.length, Sha256.of(value));
    var valueless = letter(record, record.key(), null, headers, without, progress);
    return size(valueless) <= largest
        ? valueless
        : letter(record, null, null, List.of(), without + ", as are key and headers", progress);
  }

  private ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record,
      byte @Nullable [] key,
      byte @Nullable [] value,
      List<Header> original,
      String reason,
      byte[] progress) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topics.deadLetters(), record.partition(), key, value);
    Headers headers = letter.headers();
    original.forEach(headers::add);
    headers.add(DeadLetterHeaders.TOPIC, bytes(record.topic()));
    headers.add(DeadLetterHeaders.PARTITION, bytes(Integer.toString(record.partition())));
    headers.add(DeadLetterHeaders.OFFSET, bytes(Long.toString(record.offset())));
    headers.add(DeadLetterHeaders.READER, bytes(topics.group()));
    headers.add(DeadLetterHeaders.REASON, bytes(reason));
    headers.remove(ProgressLog.HEADER);
    headers.add(ProgressLog.HEADER, progress);
    return letter;
  }

  private static long size(ProducerRecord<byte[], byte[]> letter) {
    long size = length(letter.key()) + length(letter.value());
    for (Header header : letter.headers()) {
      size += bytes(header.key()).length + length(header.value()) + HEADER_OVERHEAD;
    }
    return size;
  }

  /** At most so many bytes of UTF-8; what is more is replaced by an ellipsis. */
  private static String shortened(String reason) {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST_REASON);
    CharBuffer characters = CharBuffer.wrap(reason);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(characters, bytes, true);
    return characters.hasRemaining()
        ? reason.substring(0, characters.position()) + "\u2026"
        : reason;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
