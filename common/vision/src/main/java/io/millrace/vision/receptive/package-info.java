/** What part of a picture a cell of a network's map can see. */
@NullMarked
package io.millrace.vision.receptive;

import org.jspecify.annotations.NullMarked;
