package io.millrace.vision.view;

import io.millrace.vision.suppress.Suppression;
import java.util.List;

/** How often, and how large, a network of a fixed input size looks at a picture of any size. */
public sealed interface Viewing permits Whole, Slices, Pyramid {

  /** The looks at a picture of a size by a network of an input size, at least one. */
  List<Look> looks(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight);

  /** How many there are; cheap, so that it can be limited before any work. */
  long count(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight);

  /** What merges the detections of several looks, unless something else is wanted. */
  Suppression merging();
}
