package io.millrace.data.rejected;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A document that was rejected.
 *
 * @param partition of the topics of documents and of dead letters
 * @param letter offset of its dead letter
 * @param offset where the document lies in the documents topic
 * @param reason why
 * @param source who wrote it: the source of its event, or empty
 * @param key of its record; empty if it has none
 * @param contentType of its record; empty if it has none
 * @param rejectedAt when it was rejected
 * @param replayed whether it was sent again since
 * @param value its bytes as they were sent; null if nobody asked for them, or if it had none
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record RejectedDocument(
    int partition,
    long letter,
    long offset,
    String reason,
    String source,
    String key,
    String contentType,
    Instant rejectedAt,
    boolean replayed,
    byte @Nullable [] value) {}
