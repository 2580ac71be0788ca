/** Packs tokenised documents into sequences of bounded length: a pure function of a window. */
@NullMarked
package io.millrace.data.prepare.pack;

import org.jspecify.annotations.NullMarked;
