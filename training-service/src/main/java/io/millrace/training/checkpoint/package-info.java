/** Saves a run's state as files, a registry row and an event, and finds it again. */
@NullMarked
package io.millrace.training.checkpoint;

import org.jspecify.annotations.NullMarked;
