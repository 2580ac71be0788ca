/** What losses are worth to classifiers of real data. */
@NullMarked
package io.millrace.benchmarks.classify;

import org.jspecify.annotations.NullMarked;
