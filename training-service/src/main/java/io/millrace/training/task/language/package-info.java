/** Language models as something that can be trained. */
@NullMarked
package io.millrace.training.task.language;

import org.jspecify.annotations.NullMarked;
