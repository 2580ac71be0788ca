/**
 * Parts that networks for pictures are made of: backbones that turn pictures into maps of several
 * strides, necks that bring these together, and the layers of both.
 */
@NullMarked
package io.millrace.vision.network;

import org.jspecify.annotations.NullMarked;
