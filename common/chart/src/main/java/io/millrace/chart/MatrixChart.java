package io.millrace.chart;

import java.util.List;

/**
 * Counts in rows and columns, each shaded by its share of its row.
 *
 * @param title above
 * @param down what the rows are
 * @param across what the columns are
 * @param rows their names
 * @param columns their names
 * @param counts by row and column
 */
public record MatrixChart(
    String title,
    String down,
    String across,
    List<String> rows,
    List<String> columns,
    List<List<Long>> counts) {
  private static final int NAMES = 170;
  private static final int TOP = 190;
  private static final int MARGIN = 14;
  private static final int TITLE_SIZE = 15;
  private static final int AXES_SIZE = 12;
  private static final int CELL = 44;
  private static final int SMALL_CELL = 12;

  /** Counts of more rows have no room for numbers. */
  private static final int MOST_WITH_NUMBERS = 24;

  public MatrixChart {
    rows = List.copyOf(rows);
    columns = List.copyOf(columns);
    counts = counts.stream().map(List::copyOf).toList();
  }

  /** The chart as SVG. */
  public String svg() {
    boolean numbers = rows.size() <= MOST_WITH_NUMBERS;
    int cell = numbers ? CELL : SMALL_CELL;
    int size = numbers ? 12 : 10;
    List<String> downwards = rows.stream().map(LineChart::shortened).toList();
    List<String> upwards = columns.stream().map(LineChart::shortened).toList();
    String axes = "down: " + down + ", across: " + across;
    int names = Math.max(NAMES, MARGIN + TextWidth.ofLongest(size, downwards) + 8);
    int topmost = Math.max(TOP, 52 + TextWidth.ofLongest(size, upwards) + 8);
    int texts = Math.max(TextWidth.of(TITLE_SIZE, title), TextWidth.of(AXES_SIZE, axes));
    Svg svg =
        new Svg(
            Math.max(names + Math.max(columns.size() * cell + 20, 240), MARGIN + texts + MARGIN),
            topmost + rows.size() * cell + 20);
    svg.text(MARGIN, 24, Canvas.Anchor.START, TITLE_SIZE, Palette.INK, title);
    svg.text(MARGIN, 44, Canvas.Anchor.START, AXES_SIZE, Palette.INK, axes);
    for (int column = 0; column < columns.size(); column++) {
      double middle = names + column * cell + cell / 2.0;
      svg.textUpwards(middle + 4, topmost - 8, size, Palette.INK, upwards.get(column));
    }
    for (int row = 0; row < rows.size(); row++) {
      double top = topmost + row * cell;
      svg.text(
          names - 8,
          top + cell / 2.0 + 4,
          Canvas.Anchor.END,
          size,
          Palette.INK,
          downwards.get(row));
      long sum = counts.get(row).stream().mapToLong(Long::longValue).sum();
      for (int column = 0; column < columns.size(); column++) {
        long count = counts.get(row).get(column);
        double share = sum == 0 ? 0 : (double) count / sum;
        double left = names + column * cell;
        svg.rectangle(left, top, cell - 1, cell - 1, Palette.shade(share));
        if (numbers) {
          svg.text(
              left + cell / 2.0,
              top + cell / 2.0 + 4,
              Canvas.Anchor.MIDDLE,
              size,
              Palette.onShade(share),
              Long.toString(count));
        }
      }
    }
    svg.line(names, topmost, names + columns.size() * cell, topmost, Palette.GRID);
    svg.line(names, topmost, names, topmost + rows.size() * cell, Palette.GRID);
    return svg.toString();
  }
}
