package io.millrace.vision.receptive;

import java.util.ArrayList;
import java.util.List;

/**
 * What a cell of a map can see of the picture, in pixels, along one side; the other side is alike.
 *
 * <p>Cell i sees the pixels around {@code start + i * jump}, where pixel 0 has its middle at 0.
 * Behind an up-sampling cells see different much, and the size is that of the mean.
 *
 * @param name of the layer that gives the map
 * @param jump between the middles of what two neighbouring cells see
 * @param start middle of what the first cell sees
 * @param size of what a cell sees
 */
public record Field(String name, double jump, double start, double size) {

  /** Of a picture's own pixels. */
  public static final Field PIXEL = new Field("picture", 1, 0, 1);

  /** What the cells of each layer see, one layer after the other, beginning with the picture. */
  public static List<Field> bottomUp(List<Layer> layers) {
    List<Field> fields = new ArrayList<>();
    Field field = PIXEL;
    for (Layer layer : layers) {
      field = field.through(layer);
      fields.add(field);
    }
    return fields;
  }

  /** What the cells of the last layer see; those of the picture without any. */
  public static Field of(List<Layer> layers) {
    return layers.isEmpty() ? PIXEL : bottomUp(layers).getLast();
  }

  /**
   * The size of {@link #of} counted from the last layer down: what one cell needs of the layer
   * before, what that needs in turn, and so on.
   */
  public static double topDown(List<Layer> layers) {
    double size = 1;
    for (Layer layer : layers.reversed()) {
      size = (size - 1) * layer.stride() / layer.upsampling() + layer.extent();
    }
    return size;
  }

  private Field through(Layer layer) {
    double finer = jump / layer.upsampling();
    return new Field(
        layer.name(),
        finer * layer.stride(),
        // The first of the new cells lies at the edge of the one that it was.
        start + (finer - jump) / 2 + ((layer.extent() - 1) / 2.0 - layer.padding()) * finer,
        size + (layer.extent() - 1) * finer);
  }
}
