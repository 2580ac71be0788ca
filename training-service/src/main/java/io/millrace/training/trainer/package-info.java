/** The loop that takes runs up, learns and reports. */
@NullMarked
package io.millrace.training.trainer;

import org.jspecify.annotations.NullMarked;
