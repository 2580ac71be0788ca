package io.millrace.inference.search;

/**
 * A document that was found.
 *
 * @param documentId of the document
 * @param score cosine of the vectors, -1 to 1
 * @param excerpt how the text begins; empty for pictures
 */
public record Hit(String documentId, double score, String excerpt) {}
