/** Which of several detections of one object stays. */
@NullMarked
package io.millrace.vision.suppress;

import org.jspecify.annotations.NullMarked;
