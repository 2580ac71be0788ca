package io.millrace.chart;

import java.util.List;

/**
 * Horizontal bars from 0, the longest of which fills the chart; as wide as its texts need it.
 *
 * @param title above
 * @param bars from top to bottom
 */
public record BarChart(String title, List<Bar> bars) {
  private static final int NAMES = 170;
  private static final int LENGTH = 300;
  private static final int TEXTS = 190;
  private static final int MARGIN = 14;
  private static final int TITLE_SIZE = 15;
  private static final int SIZE = 12;
  private static final int ROW = 30;
  private static final int TOP = 44;

  public BarChart {
    bars = List.copyOf(bars);
  }

  /**
   * A bar.
   *
   * @param value not negative
   * @param text beside it
   */
  public record Bar(String name, double value, String text) {}

  /** The chart as SVG. */
  public String svg() {
    double longest = bars.stream().mapToDouble(Bar::value).max().orElse(0);
    List<String> names = bars.stream().map(bar -> LineChart.shortened(bar.name())).toList();
    int left = Math.max(NAMES, MARGIN + TextWidth.ofLongest(SIZE, names) + 10);
    double right =
        bars.stream()
            .mapToDouble(bar -> left + length(bar, longest) + 8 + TextWidth.of(SIZE, bar.text()))
            .max()
            .orElse(0);
    double needed = Math.max(right, MARGIN + TextWidth.of(TITLE_SIZE, title)) + MARGIN;
    Svg svg =
        new Svg(
            Math.max(left + LENGTH + TEXTS, (int) Math.ceil(needed)), TOP + bars.size() * ROW + 10);
    svg.text(MARGIN, 24, Canvas.Anchor.START, TITLE_SIZE, Palette.INK, title);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double length = length(bar, longest);
      double middle = TOP + i * ROW + ROW / 2.0;
      svg.text(left - 10, middle + 4, Canvas.Anchor.END, SIZE, Palette.INK, names.get(i));
      svg.rectangle(left, middle - 9, length, 18, Palette.BAR);
      svg.text(left + length + 8, middle + 4, Canvas.Anchor.START, SIZE, Palette.INK, bar.text());
    }
    return svg.toString();
  }

  private static double length(Bar bar, double longest) {
    return longest > 0 ? LENGTH * bar.value() / longest : 0;
  }
}
