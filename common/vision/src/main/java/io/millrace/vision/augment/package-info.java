/**
 * Changes of whole batches of pictures in training: what is small is shown more often, copied, or
 * shown at other scales. Each is a pure function of a batch and of a seed, a step and a place.
 */
@NullMarked
package io.millrace.vision.augment;

import org.jspecify.annotations.NullMarked;
