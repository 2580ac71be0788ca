package io.millrace.chart;

import java.util.List;
import java.util.Locale;

/** Writes an SVG picture piece by piece, on white; lengths are in pixels. */
final class Svg implements Canvas {
  private static final String FONT = "system-ui,sans-serif";

  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height) {
    append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " viewBox=\"0 0 %d %d\" font-family=\"%s\">\n",
        width, height, width, height, FONT);
    rectangle(0, 0, width, height, "#ffffff");
  }

  @Override
  public Svg rectangle(double x, double y, double width, double height, String colour) {
    return append(
        "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n",
        x, y, width, height, colour);
  }

  @Override
  public Svg line(double x1, double y1, double x2, double y2, String colour) {
    return append(
        "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\"/>\n",
        x1, y1, x2, y2, colour);
  }

  @Override
  public Svg curve(List<Point> points, String colour) {
    text.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"").append(colour);
    text.append("\" points=\"");
    points.forEach(point -> append("%.2f,%.2f ", point.x(), point.y()));
    text.append("\"/>\n");
    return this;
  }

  @Override
  public Svg text(double x, double y, Anchor anchor, int size, String colour, String content) {
    append(
        "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">",
        x, y, anchor.name().toLowerCase(Locale.ROOT), size, colour);
    text.append(escaped(content)).append("</text>\n");
    return this;
  }

  /** A text that runs from its place upwards. */
  Svg textUpwards(double x, double y, int size, String colour, String content) {
    append(
        "<text transform=\"translate(%.2f %.2f) rotate(-90)\" font-size=\"%d\" fill=\"%s\">",
        x, y, size, colour);
    text.append(escaped(content)).append("</text>\n");
    return this;
  }

  @Override
  public String toString() {
    return text + "</svg>\n";
  }

  private Svg append(String form, Object... values) {
    text.append(String.format(Locale.ROOT, form, values));
    return this;
  }

  /** As XML 1.0 can have it: control characters, which it cannot, as question marks. */
  private static String escaped(String content) {
    StringBuilder escaped = new StringBuilder();
    content
        .codePoints()
        .forEach(c -> {
          switch (c) {
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '&' -> escaped.append("&amp;");
            case '"' -> escaped.append("&quot;");
            default -> escaped.appendCodePoint(isXml(c) ? c : '?');
          }
        });
    return escaped.toString();
  }

  private static boolean isXml(int c) {
    return c >= 0x20 && (c < 0xd800 || c > 0xdfff) && c != 0xfffe && c != 0xffff;
  }
}
