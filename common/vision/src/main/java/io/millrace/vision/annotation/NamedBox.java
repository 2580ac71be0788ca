package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;

/**
 * A box of the truth under its class name.
 *
 * @param box in pixels of the picture
 * @param label class name
 * @param crowd COCO's iscrowd, VOC's difficult
 * @param area square pixels by which evaluation sorts into sizes; COCO's is the area of the mask
 */
public record NamedBox(Box box, String label, boolean crowd, double area) {

  /** A box whose area is its own. */
  public NamedBox(Box box, String label, boolean crowd) {
    this(box, label, crowd, box.area());
  }
}
