/** Encoders that learn without labels, by contrastive predictive coding. */
@NullMarked
package io.millrace.training.task.representation;

import org.jspecify.annotations.NullMarked;
