/** How good a classifier's answers are, and whether its probabilities can be believed. */
@NullMarked
package io.millrace.encoder.classify.evaluate;

import org.jspecify.annotations.NullMarked;
