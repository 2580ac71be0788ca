/** The perceptron as it was published, with its own rule of learning. */
@NullMarked
package io.millrace.encoder.classify.perceptron;

import org.jspecify.annotations.NullMarked;
