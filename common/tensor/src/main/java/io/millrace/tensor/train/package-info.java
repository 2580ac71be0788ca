/**
 * How any model learns: a {@link io.millrace.tensor.train.Trainer} does what all tasks share, a
 * {@link io.millrace.tensor.train.Learner} is what one task adds.
 */
@NullMarked
package io.millrace.tensor.train;

import org.jspecify.annotations.NullMarked;
