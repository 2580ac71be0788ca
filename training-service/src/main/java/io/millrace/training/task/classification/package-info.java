/** Classifiers as something that can be trained. */
@NullMarked
package io.millrace.training.task.classification;

import org.jspecify.annotations.NullMarked;
