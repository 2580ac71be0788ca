/** Tokenizers of datasets: uploaded, or trained on the documents in the log. */
@NullMarked
package io.millrace.data.tokenizer;

import org.jspecify.annotations.NullMarked;
