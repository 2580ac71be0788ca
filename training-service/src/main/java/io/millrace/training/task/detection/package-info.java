/** Detectors as something that can be trained. */
@NullMarked
package io.millrace.training.task.detection;

import org.jspecify.annotations.NullMarked;
