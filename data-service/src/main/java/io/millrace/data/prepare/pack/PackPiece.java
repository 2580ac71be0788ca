package io.millrace.data.prepare.pack;

/**
 * A run of one document's tokens inside a pack: the whole document, or a part of a long one.
 *
 * @param document index of the document in its window
 * @param from first token of the piece in the document
 * @param length number of tokens, at least 1
 */
public record PackPiece(int document, int from, int length) {}
