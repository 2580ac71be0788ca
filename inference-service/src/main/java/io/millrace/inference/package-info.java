/** Serves models and swaps new checkpoints in under load. */
@NullMarked
package io.millrace.inference;

import org.jspecify.annotations.NullMarked;
