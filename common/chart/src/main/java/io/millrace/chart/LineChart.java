package io.millrace.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines over [0, 1], with values in [0, 1].
 *
 * @param title above
 * @param across what the horizontal axis is
 * @param up what the vertical axis is
 * @param lines each with its name in the legend
 */
public record LineChart(String title, String across, String up, List<Line> lines) {
  private static final int SIDE = 360;
  private static final int LEFT = 50;
  private static final int TOP = 40;
  private static final int LEGEND = 190;
  private static final int ROW = 16;
  private static final int MARGIN = 14;
  private static final int TITLE_SIZE = 15;
  private static final int LEGEND_SIZE = 11;
  private static final int LONGEST = 24;

  /** Lines that are drawn and named; a picture of more could not be read. */
  private static final int MOST = 20;

  public LineChart {
    lines = List.copyOf(lines);
  }

  /**
   * A line.
   *
   * @param values at equal distances from 0 to 1
   */
  public record Line(String name, List<Double> values) {
    public Line {
      values = List.copyOf(values);
    }
  }

  /** The chart as SVG; of more than 20 lines the first ones, with a note. */
  public String svg() {
    int shown = Math.min(MOST, lines.size());
    List<String> names =
        lines.subList(0, shown).stream().map(line -> shortened(line.name())).toList();
    int needed =
        Math.max(
            SIDE + 34 + TextWidth.ofLongest(LEGEND_SIZE, names), TextWidth.of(TITLE_SIZE, title));
    Svg svg = new Svg(LEFT + Math.max(SIDE + LEGEND, needed + MARGIN), TOP + SIDE + 50);
    svg.text(LEFT, 24, Canvas.Anchor.START, TITLE_SIZE, Palette.INK, title);
    for (int tick = 0; tick <= 5; tick++) {
      double value = tick / 5.0;
      svg.line(x(value), y(0), x(value), y(1), Palette.GRID);
      svg.line(x(0), y(value), x(1), y(value), Palette.GRID);
      svg.text(x(value), y(0) + 18, Canvas.Anchor.MIDDLE, 11, Palette.INK, tick / 5.0 + "");
      svg.text(x(0) - 6, y(value) + 4, Canvas.Anchor.END, 11, Palette.INK, tick / 5.0 + "");
    }
    svg.text(x(0.5), y(0) + 38, Canvas.Anchor.MIDDLE, 12, Palette.INK, across);
    svg.text(6, TOP - 6, Canvas.Anchor.START, 12, Palette.INK, up);
    for (int i = 0; i < shown; i++) {
      Line line = lines.get(i);
      svg.curve(points(line.values()), Palette.line(i));
      double row = TOP + 10 + i * ROW;
      svg.rectangle(LEFT + SIDE + 14, row - 4, 14, 3, Palette.line(i));
      svg.text(LEFT + SIDE + 34, row, Canvas.Anchor.START, LEGEND_SIZE, Palette.INK, names.get(i));
    }
    if (shown < lines.size()) {
      String note = "and " + (lines.size() - shown) + " more, not drawn";
      svg.text(
          LEFT + SIDE + 14,
          TOP + 10 + shown * ROW,
          Canvas.Anchor.START,
          LEGEND_SIZE,
          Palette.INK,
          note);
    }
    return svg.toString();
  }

  private static List<Canvas.Point> points(List<Double> values) {
    List<Canvas.Point> points = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      points.add(new Canvas.Point(x(i / (values.size() - 1.0)), y(values.get(i))));
    }
    return points;
  }

  private static double x(double value) {
    return LEFT + SIDE * value;
  }

  private static double y(double value) {
    return TOP + SIDE * (1 - value);
  }

  /** A name that fits beside a chart. */
  static String shortened(String name) {
    return name.codePointCount(0, name.length()) <= LONGEST
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LONGEST - 1)) + "\u2026";
  }
}
