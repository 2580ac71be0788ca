package io.millrace.inference.search;

import org.jspecify.annotations.Nullable;

/**
 * A document, or a piece of a long one, of an index.
 *
 * @param topic of its record
 * @param partition of its record
 * @param offset of its record
 * @param place in its record
 * @param documentId of the document
 * @param excerpt how the text begins; empty for pictures
 * @param revision of a document that takes the place of others; null: it is one more
 */
record Item(
    String topic,
    int partition,
    long offset,
    int place,
    String documentId,
    String excerpt,
    @Nullable Revision revision) {}
