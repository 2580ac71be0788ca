/**
 * Losses of rows of logits: cross entropy, surrogates of metrics that have no gradient of their
 * own, and estimates of the gradient of the metrics themselves; by name, one after the other.
 */
@NullMarked
package io.millrace.tensor.loss;

import org.jspecify.annotations.NullMarked;
