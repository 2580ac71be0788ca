/** What encoders learn without labels, told by linear probes. */
@NullMarked
package io.millrace.benchmarks.represent;

import org.jspecify.annotations.NullMarked;
