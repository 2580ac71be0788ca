package io.millrace.vision.view;

import io.millrace.vision.picture.Picture;

/**
 * A picture as a network sees it.
 *
 * @param picture of the network's input size
 * @param placement where the original is in it
 */
public record Shown(Picture picture, Placement placement) {}
