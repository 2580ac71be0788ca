package io.millrace.data.prepare;

import java.util.BitSet;

/**
 * The tokens of a document, its end included.
 *
 * @param ids the tokens
 * @param given those that a model reads and does not learn, e.g. what a user asks; maybe none
 */
record TokenizedDocument(int[] ids, BitSet given) {}
