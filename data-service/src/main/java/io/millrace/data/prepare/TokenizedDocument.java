package io.millrace.data.prepare;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The tokens of a document, its end included.
 *
 * @param id of the document
 * @param ids the tokens
 * @param given those that a model reads and does not learn, e.g. what a user asks; maybe none
 * @param label of the document, the place of its class; empty if it has none
 */
record TokenizedDocument(String id, int[] ids, BitSet given, OptionalInt label) {

  /** The same document with another label. */
  TokenizedDocument withLabel(OptionalInt other) {
    return new TokenizedDocument(id, ids, given, other);
  }
}
