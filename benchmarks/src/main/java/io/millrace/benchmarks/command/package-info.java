/** What {@code benchmarks/run} can be told to run. */
@NullMarked
package io.millrace.benchmarks.command;

import org.jspecify.annotations.NullMarked;
