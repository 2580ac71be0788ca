/** Anchors, and which of them learn which objects: what several heads are made of. */
@NullMarked
package io.millrace.vision.detector.match;

import org.jspecify.annotations.NullMarked;
