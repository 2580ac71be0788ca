package io.millrace.platform.event;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was read.
 *
 * @param id unique for its source; the same event can come twice with the same id
 * @param type one of {@code EventTypes}
 * @param source who wrote it
 * @param time when it was written
 * @param key the record's key; empty if it has none
 * @param data the protobuf payload; shared, not to be changed
 * @param topic where it was read
 * @param partition where it was read
 * @param offset where it was read
 * @param traceparent the trace context that it was decided on in; null: none that is recorded
 */
@SuppressWarnings("ArrayRecordComponent") // Payloads are large and events are never compared.
public record ReceivedEvent(
    String id,
    String type,
    URI source,
    Instant time,
    String key,
    byte[] data,
    String topic,
    int partition,
    long offset,
    @Nullable String traceparent) {

  /**
   * The payload as a message.
   *
   * @throws MalformedEventException if it cannot be parsed
   */
  public <T extends Message> T payload(Parser<T> parser) {
    try {
      return parser.parseFrom(data);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedEventException(
          "payload of " + type + " cannot be parsed: " + e.getMessage(), e);
    }
  }
}
