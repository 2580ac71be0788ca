package io.millrace.data.log;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Headers that a dead letter has beside those of the record that was rejected. */
public final class DeadLetterHeaders {
  /** Topic of the record. */
  public static final String TOPIC = "x-original-topic";

  /** Partition of the record. */
  public static final String PARTITION = "x-original-partition";

  /** Offset of the record. */
  public static final String OFFSET = "x-original-offset";

  /** Consumer group of who rejected it. */
  public static final String READER = "x-reader";

  /** Why, in a sentence. */
  public static final String REASON = "x-reason";

  private static final Set<String> ALL =
      Set.of(TOPIC, PARTITION, OFFSET, READER, REASON, ProgressLog.HEADER);

  private DeadLetterHeaders() {}

  /** Whether the letter has a header of that name which the record had not. */
  public static boolean isOne(String header) {
    return ALL.contains(header);
  }

  /**
   * Offset of the record that was rejected.
   *
   * @throws IllegalStateException if the letter does not say it
   */
  public static long originalOffset(ConsumerRecord<byte[], byte[]> letter) {
    Header header = letter.headers().lastHeader(OFFSET);
    if (header == null) {
      throw new IllegalStateException(
          "%s-%d@%d is no dead letter of a preparation"
              .formatted(letter.topic(), letter.partition(), letter.offset()));
    }
    return Long.parseLong(new String(header.value(), StandardCharsets.UTF_8));
  }
}
