/** How a network of a fixed input size sees pictures of any size, and where its boxes are then. */
@NullMarked
package io.millrace.vision.view;

import org.jspecify.annotations.NullMarked;
