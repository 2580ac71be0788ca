/** What serves a model of a task; the rest of the service knows no task. */
@NullMarked
package io.millrace.inference.runtime;

import org.jspecify.annotations.NullMarked;
