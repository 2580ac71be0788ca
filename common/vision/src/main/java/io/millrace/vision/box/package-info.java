/** Boxes in pixels, as truth with a class and as detections with a score. */
@NullMarked
package io.millrace.vision.box;

import org.jspecify.annotations.NullMarked;
