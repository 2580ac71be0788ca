package io.millrace.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Functions side by side, each in a panel with axes of its own.
 *
 * @param title above
 * @param legend names of the curves of every panel, in their order
 * @param panels from left to right, then down
 */
public record CurveGrid(String title, List<String> legend, List<Panel> panels) {
  private static final int COLUMNS = 4;
  private static final int WIDTH = 190;
  private static final int HEIGHT = 150;
  private static final int LEFT = 40;
  private static final int GAP = 50;
  private static final int TOP = 76;
  private static final int TITLE_SIZE = 15;
  private static final int LEGEND_SIZE = 11;

  public CurveGrid {
    legend = List.copyOf(legend);
    panels = List.copyOf(panels);
  }

  /**
   * A panel.
   *
   * @param name above it
   * @param x places, rising
   * @param curves values at these places, a list a curve
   */
  public record Panel(String name, List<Double> x, List<List<Double>> curves) {

    /** Checks that every curve has a value at each place. */
    public Panel {
      x = List.copyOf(x);
      curves = curves.stream().map(List::copyOf).toList();
      for (List<Double> curve : curves) {
        if (curve.size() != x.size() || x.size() < 2) {
          throw new IllegalArgumentException(
              "%s: %d values at %d places".formatted(name, curve.size(), x.size()));
        }
      }
    }

    double lowest() {
      return values().min().orElse(0);
    }

    double highest() {
      return values().max().orElse(1);
    }

    private DoubleStream values() {
      return DoubleStream.concat(
          DoubleStream.of(0),
          curves.stream().flatMap(List::stream).mapToDouble(Double::doubleValue));
    }
  }

  /** The chart as SVG. */
  public String svg() {
    Svg svg = new Svg(width(), height());
    draw(svg);
    return svg.toString();
  }

  /** The chart as a PNG file of twice the size. */
  public byte[] png() {
    Raster raster = new Raster(width(), height());
    draw(raster);
    return raster.png();
  }

  private int width() {
    int panelsAlone = Math.clamp(panels.size(), 2, COLUMNS) * (WIDTH + GAP);
    int texts = Math.max(TextWidth.of(TITLE_SIZE, title), legendWidth());
    return LEFT + Math.max(panelsAlone, texts + GAP / 2);
  }

  private int legendWidth() {
    return legend.stream().mapToInt(CurveGrid::legendWidth).sum();
  }

  private static int legendWidth(String name) {
    return 50 + TextWidth.of(LEGEND_SIZE, name);
  }

  private int height() {
    int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
    return TOP + rows * (HEIGHT + GAP);
  }

  private void draw(Canvas canvas) {
    canvas.text(LEFT, 24, Canvas.Anchor.START, TITLE_SIZE, Palette.INK, title);
    double at = LEFT;
    for (int i = 0; i < legend.size(); i++) {
      canvas.rectangle(at, 38, 14, 3, Palette.line(i));
      canvas.text(at + 20, 44, Canvas.Anchor.START, LEGEND_SIZE, Palette.INK, legend.get(i));
      at += legendWidth(legend.get(i));
    }
    for (int i = 0; i < panels.size(); i++) {
      double left = LEFT + (i % COLUMNS) * (WIDTH + GAP);
      double top = TOP + (i / COLUMNS) * (HEIGHT + GAP);
      draw(canvas, panels.get(i), left, top);
    }
  }

  private static void draw(Canvas canvas, Panel panel, double left, double top) {
    Axis across = Axis.of(panel.x().getFirst(), panel.x().getLast(), left, left + WIDTH);
    Axis up = Axis.of(panel.lowest(), panel.highest(), top + HEIGHT, top);
    canvas.text(
        left, top - 8, Canvas.Anchor.START, 12, Palette.INK, LineChart.shortened(panel.name()));
    for (double tick : across.ticks()) {
      double x = across.place(tick);
      canvas.line(x, top, x, top + HEIGHT, tick == 0 ? Palette.INK : Palette.GRID);
      canvas.text(x, top + HEIGHT + 14, Canvas.Anchor.MIDDLE, 10, Palette.INK, text(tick));
    }
    for (double tick : up.ticks()) {
      double y = up.place(tick);
      canvas.line(left, y, left + WIDTH, y, tick == 0 ? Palette.INK : Palette.GRID);
      canvas.text(left - 5, y + 4, Canvas.Anchor.END, 10, Palette.INK, text(tick));
    }
    for (int i = 0; i < panel.curves().size(); i++) {
      List<Canvas.Point> points = new ArrayList<>();
      for (int k = 0; k < panel.x().size(); k++) {
        points.add(
            new Canvas.Point(
                across.place(panel.x().get(k)), up.place(panel.curves().get(i).get(k))));
      }
      canvas.curve(points, Palette.line(i));
    }
  }

  private static String text(double tick) {
    return tick == Math.rint(tick)
        ? Long.toString(Math.round(tick))
        : String.format(Locale.ROOT, "%.4f", tick).replaceFirst("0+$", "");
  }
}
