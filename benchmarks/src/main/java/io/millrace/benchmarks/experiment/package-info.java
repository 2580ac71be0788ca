/**
 * Trains small models on tinyshakespeare, several seeds each, to measure what a choice is worth.
 */
@NullMarked
package io.millrace.benchmarks.experiment;

import org.jspecify.annotations.NullMarked;
