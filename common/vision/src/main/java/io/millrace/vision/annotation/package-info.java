/** Annotated pictures in the formats that people have: COCO JSON and Pascal VOC XML. */
@NullMarked
package io.millrace.vision.annotation;

import org.jspecify.annotations.NullMarked;
