package io.millrace.data.prepare;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The tokens of a document, its end included.
 *
 * @param ids the tokens
 * @param given those that a model reads and does not learn, e.g. what a user asks; maybe none
 * @param label of the document, the place of its class; empty if it has none
 */
record TokenizedDocument(int[] ids, BitSet given, OptionalInt label) {

  /** A document without a label. */
  TokenizedDocument(int[] ids, BitSet given) {
    this(ids, given, OptionalInt.empty());
  }

  /** The same document with another label. */
  TokenizedDocument withLabel(OptionalInt other) {
    return new TokenizedDocument(ids, given, other);
  }
}
