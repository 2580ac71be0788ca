package io.millrace.chart;

import java.util.Collection;

/**
 * How wide texts become at most, in pixels. Which font a viewer has is not known: letters count as
 * wide as those of the wide ones, such as DejaVu Sans and Verdana.
 */
final class TextWidth {
  private static final double MOST = 0.65;
  private static final double CAPITAL = 0.8;
  private static final double WIDE = 1;
  private static final double FOREIGN = 1.1;
  private static final double PICTURE = 1.4;
  private static final String WIDE_LETTERS = "mwMW%@&#+<=>~^";

  private TextWidth() {}

  /** Of a text in letters of a size. */
  static int of(int size, String text) {
    return (int) Math.ceil(size * text.codePoints().mapToDouble(TextWidth::share).sum());
  }

  /** Of the longest of some texts; 0: there are none. */
  static int ofLongest(int size, Collection<String> texts) {
    return texts.stream().mapToInt(text -> of(size, text)).max().orElse(0);
  }

  /** Share of the size. */
  private static double share(int letter) {
    if (WIDE_LETTERS.indexOf(letter) >= 0) {
      return WIDE;
    }
    if (letter < 0x80) {
      return Character.isUpperCase(letter) ? CAPITAL : MOST;
    }
    return Character.isBmpCodePoint(letter) ? FOREIGN : PICTURE;
  }
}
