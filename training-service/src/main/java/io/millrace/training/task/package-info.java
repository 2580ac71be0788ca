/** What can be trained: one interface, implemented for language and detection. */
@NullMarked
package io.millrace.training.task;

import org.jspecify.annotations.NullMarked;
