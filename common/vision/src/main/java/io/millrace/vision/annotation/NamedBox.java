package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;

/**
 * A box of the truth under its class name.
 *
 * @param box in pixels of the picture
 * @param label class name
 * @param crowd COCO's iscrowd, VOC's difficult
 */
public record NamedBox(Box box, String label, boolean crowd) {}
