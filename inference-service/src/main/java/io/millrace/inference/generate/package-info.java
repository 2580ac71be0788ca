/** Continuing prompts with a loaded language model. */
@NullMarked
package io.millrace.inference.generate;

import org.jspecify.annotations.NullMarked;
