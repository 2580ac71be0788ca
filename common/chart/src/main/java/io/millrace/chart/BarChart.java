package io.millrace.chart;

import java.util.List;

/**
 * Horizontal bars from 0, the longest of which fills the chart.
 *
 * @param title above
 * @param bars from top to bottom
 */
public record BarChart(String title, List<Bar> bars) {
  private static final int NAMES = 170;
  private static final int LENGTH = 300;
  private static final int TEXTS = 190;
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
    Svg svg = new Svg(NAMES + LENGTH + TEXTS, TOP + bars.size() * ROW + 10);
    svg.text(14, 24, Canvas.Anchor.START, 15, Palette.INK, title);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double length = longest > 0 ? LENGTH * bar.value() / longest : 0;
      double middle = TOP + i * ROW + ROW / 2.0;
      svg.text(
          NAMES - 10,
          middle + 4,
          Canvas.Anchor.END,
          12,
          Palette.INK,
          LineChart.shortened(bar.name()));
      svg.rectangle(NAMES, middle - 9, length, 18, Palette.BAR);
      svg.text(NAMES + length + 8, middle + 4, Canvas.Anchor.START, 12, Palette.INK, bar.text());
    }
    return svg.toString();
  }
}
