package io.millrace.inference.search;

/**
 * A document, or a piece of a long one, of an index.
 *
 * @param topic of its record
 * @param partition of its record
 * @param offset of its record
 * @param place in its record
 * @param documentId of the document
 * @param excerpt how the text begins; empty for pictures
 */
record Item(
    String topic, int partition, long offset, int place, String documentId, String excerpt) {}
