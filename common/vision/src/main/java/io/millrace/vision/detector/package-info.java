/** An anchor-free detector: the centre of an object is a peak of its class's heat map. */
@NullMarked
package io.millrace.vision.detector;

import org.jspecify.annotations.NullMarked;
