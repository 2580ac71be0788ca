/** A platform under mixed work for a long time, and whether it grows or errs. */
@NullMarked
package io.millrace.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
