package io.millrace.vision.detector.match;

import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.network.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * The anchors of every cell of a map: by shape, then by ratio, then row by row within the cell.
 *
 * @param shapes of the anchors
 */
public record CellAnchors(List<AnchorShape> shapes) {

  private static final int MAX_COUNT = 1024;

  public CellAnchors {
    shapes = List.copyOf(shapes);
    int count = shapes.stream().mapToInt(AnchorShape::count).sum();
    Limits.require(
        count >= 1 && count <= MAX_COUNT, "a cell has %s anchors, not 1 to %s", count, MAX_COUNT);
  }

  /** One square anchor. */
  public static CellAnchors square(double size) {
    return new CellAnchors(List.of(AnchorShape.square(size)));
  }

  /** From the smallest to the largest of them, by the root of their area. */
  public SizeRange sizes() {
    return new SizeRange(
        shapes.stream().mapToDouble(AnchorShape::size).min().orElseThrow(),
        shapes.stream().mapToDouble(AnchorShape::size).max().orElseThrow());
  }

  /** Anchors in a cell. */
  public int count() {
    return shapes.stream().mapToInt(AnchorShape::count).sum();
  }

  /**
   * A CellAnchors of {@code anchors.py}.
   *
   * @param stride pixels of the input between cells of the map
   */
  public KernelTuple tuple(int stride) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    List<Double> widths = new ArrayList<>();
    List<Double> heights = new ArrayList<>();
    for (AnchorShape shape : shapes) {
      double step = (double) stride / shape.density();
      for (double ratio : shape.ratios()) {
        double root = Math.sqrt(ratio);
        for (int i = 0; i < shape.density() * shape.density(); i++) {
          x.add((i % shape.density() + 0.5) * step);
          y.add((i / shape.density() + 0.5) * step);
          widths.add(shape.size() / root);
          heights.add(shape.size() * root);
        }
      }
    }
    return new KernelTuple("CellAnchors")
        .number("stride", stride)
        .reals("x", array(x))
        .reals("y", array(y))
        .reals("widths", array(widths))
        .reals("heights", array(heights));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
