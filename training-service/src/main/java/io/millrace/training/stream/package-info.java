/**
 * Batches in a reproducible order from offset ranges of a log, with the position of what was
 * learned.
 */
@NullMarked
package io.millrace.training.stream;

import org.jspecify.annotations.NullMarked;
