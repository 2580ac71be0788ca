/** Detectors, trained and judged on pictures that people have. */
@NullMarked
package io.millrace.benchmarks.detection;

import org.jspecify.annotations.NullMarked;
