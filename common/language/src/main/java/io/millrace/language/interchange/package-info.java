/** Model folders of Hugging Face transformers: writing ours as such, and reading theirs. */
@NullMarked
package io.millrace.language.interchange;

import org.jspecify.annotations.NullMarked;
