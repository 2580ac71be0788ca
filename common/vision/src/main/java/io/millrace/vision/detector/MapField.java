package io.millrace.vision.detector;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.receptive.Field;
import java.util.List;

/**
 * What results on a map see of the picture.
 *
 * @param stride pixels between the map's cells
 * @param branch of the backbone
 * @param everything whether a result depends on all of the picture, whatever its field
 * @param sizes of objects that the map and the branch are for
 * @param layers from the picture on, each with what its cells see
 */
public record MapField(
    int stride, int branch, boolean everything, SizeRange sizes, List<Field> layers) {

  public MapField {
    layers = List.copyOf(layers);
  }

  /** What cells see before the last layers. */
  Field before(int last) {
    return layers.size() == last ? Field.PIXEL : layers.get(layers.size() - last - 1);
  }

  /** What the results see. */
  public Field field() {
    return layers.isEmpty() ? Field.PIXEL : layers.getLast();
  }
}
