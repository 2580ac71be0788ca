/** Training of the detector: batches, seeded augmentation, exact resume. */
@NullMarked
package io.millrace.vision.train;

import org.jspecify.annotations.NullMarked;
