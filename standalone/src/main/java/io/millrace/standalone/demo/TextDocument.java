package io.millrace.standalone.demo;

/**
 * A document to upload.
 *
 * @param id unique in the corpus
 * @param text never empty
 */
public record TextDocument(String id, String text) {}
