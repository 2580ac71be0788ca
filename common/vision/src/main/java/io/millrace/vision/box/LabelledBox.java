package io.millrace.vision.box;

/**
 * A box of the truth.
 *
 * @param box in pixels
 * @param classIndex index into the class names
 * @param crowd COCO's iscrowd, VOC's difficult: neither learned as an object nor as background, and
 *     matches are ignored in evaluation
 * @param area square pixels by which evaluation sorts into sizes; COCO's is the area of the mask
 */
public record LabelledBox(Box box, int classIndex, boolean crowd, double area) {

  public LabelledBox {
    if (classIndex < 0) {
      throw new IllegalArgumentException("not a class index: " + classIndex);
    }
    if (!(area >= 0) || Double.isInfinite(area)) {
      throw new IllegalArgumentException("not an area: " + area);
    }
  }

  /** A box whose area is its own. */
  public LabelledBox(Box box, int classIndex, boolean crowd) {
    this(box, classIndex, crowd, box.area());
  }

  /** The same object elsewhere; the area scales with the box. */
  public LabelledBox withBox(Box newBox) {
    double old = box.area();
    return new LabelledBox(
        newBox, classIndex, crowd, old > 0 ? area * newBox.area() / old : newBox.area());
  }
}
