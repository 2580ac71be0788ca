/** Byte-level BPE: reading, writing, training and applying tokenizer.json. */
@NullMarked
package io.millrace.language.tokenize;

import org.jspecify.annotations.NullMarked;
