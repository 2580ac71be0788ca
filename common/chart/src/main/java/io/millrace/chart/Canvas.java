package io.millrace.chart;

import java.util.List;

/** What charts are drawn on; lengths are in pixels, from the upper left corner. */
sealed interface Canvas permits Svg, Raster {

  /** Where a text is in relation to its place. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** A place. */
  record Point(double x, double y) {}

  Canvas rectangle(double x, double y, double width, double height, String colour);

  Canvas line(double x1, double y1, double x2, double y2, String colour);

  /** A line through points. */
  Canvas curve(List<Point> points, String colour);

  /** A text on its baseline. */
  Canvas text(double x, double y, Anchor anchor, int size, String colour, String content);
}
