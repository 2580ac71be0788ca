/** The training service: learns from a stream and publishes checkpoints as events. */
@NullMarked
package io.millrace.training;

import org.jspecify.annotations.NullMarked;
