package io.millrace.data.rejected;

import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.DeadLetterHeaders;
import io.millrace.data.log.RangeReader;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Tells which documents of a dataset were rejected and why. */
@Service
public class RejectedService {
  /** Documents of a page where nothing else is asked for. */
  public static final int DEFAULT_LIMIT = 50;

  private static final int MOST = 1000;

  /** Bytes of original values after which a page ends early; it has at least one document. */
  private static final long MOST_BYTES = 16 << 20;

  private final Registry registry;
  private final DatasetLog log;
  private final KafkaClients kafka;
  private final ReplayPositions positions;

  /** On the registry and the cluster. */
  public RejectedService(
      Registry registry, DatasetLog log, KafkaClients kafka, ReplayPositions positions) {
    this.registry = registry;
    this.log = log;
    this.kafka = kafka;
    this.positions = positions;
  }

  /**
   * A page of rejected documents.
   *
   * @param limit most documents
   * @param content whether the original bytes are wanted
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT for the limit, UNAVAILABLE if the log
   *     cannot be read
   */
  public RejectedPage list(String name, Cursor after, int limit, boolean content) {
    if (limit < 1 || limit > MOST) {
      throw MillraceException.invalid("limit", "limit must be from 1 to " + MOST);
    }
    DatasetEntry dataset = registry.requireDataset(name);
    DatasetTopics topics = log.names(dataset);
    SortedMap<Integer, Long> replayed = positions.find(dataset);
    Page page = new Page(limit);
    try (RangeReader letters = new RangeReader(kafka, "data-rejected-" + name);
        RangeReader originals = new RangeReader(kafka, "data-rejected-originals-" + name)) {
      for (int partition : log.begins(topics.deadLetters()).keySet()) {
        if (partition < after.partition() || page.isFull()) {
          continue;
        }
        TopicPartition place = new TopicPartition(topics.deadLetters(), partition);
        long begin =
            Math.max(letters.begin(place), partition == after.partition() ? after.offset() : 0);
        long position = replayed.getOrDefault(partition, 0L);
        letters.read(
            place,
            begin,
            letters.end(place),
            letter ->
                page.add(
                    document(
                        letter, position, content ? original(letter, topics, originals) : null)));
      }
    } catch (KafkaException e) {
      throw MillraceException.unavailable("cannot read the dead letters: " + e.getMessage());
    }
    return page.end();
  }

  /** The value as it was sent, from the documents topic where the letter had no room for it. */
  static byte @Nullable [] original(
      ConsumerRecord<byte[], byte[]> letter, DatasetTopics topics, RangeReader documents) {
    if (letter.value() != null) {
      return letter.value();
    }
    ConsumerRecord<byte[], byte[]> record = record(letter, topics, documents);
    return record == null ? null : record.value();
  }

  /** The rejected record itself; null if it is not in the documents topic any more. */
  static @Nullable ConsumerRecord<byte[], byte[]> record(
      ConsumerRecord<byte[], byte[]> letter, DatasetTopics topics, RangeReader documents) {
    long offset = DeadLetterHeaders.originalOffset(letter);
    TopicPartition place = new TopicPartition(topics.documents(), letter.partition());
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    if (offset >= documents.begin(place)) {
      documents.read(
          place,
          offset,
          offset + 1,
          record -> {
            found.add(record);
            return false;
          });
    }
    return found.isEmpty() ? null : found.getFirst();
  }

  private static RejectedDocument document(
      ConsumerRecord<byte[], byte[]> letter, long replayed, byte @Nullable [] value) {
    return new RejectedDocument(
        letter.partition(),
        letter.offset(),
        DeadLetterHeaders.originalOffset(letter),
        header(letter, DeadLetterHeaders.REASON),
        header(letter, "ce_source"),
        letter.key() == null ? "" : new String(letter.key(), StandardCharsets.UTF_8),
        header(letter, "content-type"),
        Instant.ofEpochMilli(letter.timestamp()),
        letter.offset() < replayed,
        value);
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null || header.value() == null
        ? ""
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** A page that is being filled. */
  private static final class Page {
    private final int limit;
    private final List<RejectedDocument> documents = new ArrayList<>();
    private @Nullable Cursor next;
    private long bytes;

    Page(int limit) {
      this.limit = limit;
    }

    boolean isFull() {
      return next != null;
    }

    /** Adds a document if there is room; false once there is none. */
    boolean add(RejectedDocument document) {
      byte[] value = document.value();
      long size = value == null ? 0 : value.length;
      if (documents.size() == limit || (!documents.isEmpty() && bytes + size > MOST_BYTES)) {
        next = new Cursor(document.partition(), document.letter());
        return false;
      }
      documents.add(document);
      bytes += size;
      return true;
    }

    RejectedPage end() {
      return new RejectedPage(documents, next);
    }
  }
}
