/** A platform that is killed again and again while it works, and what it lost. */
@NullMarked
package io.millrace.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
