/** Measured claims: each prints its figure beside a rival or a limit measured in the same run. */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
