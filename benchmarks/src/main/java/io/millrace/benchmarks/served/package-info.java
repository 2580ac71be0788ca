/** A running platform as its clients see it. */
@NullMarked
package io.millrace.benchmarks.served;

import org.jspecify.annotations.NullMarked;
