/** How good detections are: average precision as COCO defines it. */
@NullMarked
package io.millrace.vision.evaluate;

import org.jspecify.annotations.NullMarked;
