package io.millrace.vision.view;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import java.util.List;

/**
 * A view of a picture, and what it is good for.
 *
 * @param valid sizes of objects that are looked for in it
 */
public record Look(View view, SizeRange valid) {

  /**
   * What counts of what was found in it, in the picture's own pixels.
   *
   * @param placement of the picture in what was shown
   * @param found in pixels of what was shown
   */
  public List<Detection> valid(Placement placement, List<Detection> found) {
    return placement.inOwnPixels(found).stream().filter(one -> valid.contains(one.box())).toList();
  }
}
