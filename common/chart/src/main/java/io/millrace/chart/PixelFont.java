package io.millrace.chart;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Letters of three by five dots, so that labels need no font of the system. Lower case is shown as
 * upper case, and what has no letter here as a filled block.
 */
public final class PixelFont {

  /** Dots across. */
  public static final int WIDTH = 3;

  /** Dots down. */
  public static final int HEIGHT = 5;

  /** Five rows from top to bottom, three dots each, the left one first. */
  private static final String LETTERS =
      "A 010 101 111 101 101;B 110 101 110 101 110;C 011 100 100 100 011;D 110 101 101 101 110;"
          + "E 111 100 110 100 111;F 111 100 110 100 100;G 011 100 101 101 011;"
          + "H 101 101 111 101 101;I 111 010 010 010 111;J 001 001 001 101 010;"
          + "K 101 101 110 101 101;L 100 100 100 100 111;M 101 111 111 101 101;"
          + "N 110 101 101 101 101;O 010 101 101 101 010;P 110 101 110 100 100;"
          + "Q 010 101 101 110 011;R 110 101 110 101 101;S 011 100 010 001 110;"
          + "T 111 010 010 010 010;U 101 101 101 101 111;V 101 101 101 101 010;"
          + "W 101 101 111 111 101;X 101 101 010 101 101;Y 101 101 010 010 010;"
          + "Z 111 001 010 100 111;0 111 101 101 101 111;1 010 110 010 010 111;"
          + "2 110 001 010 100 111;3 110 001 010 001 110;4 101 101 111 001 001;"
          + "5 111 100 110 001 110;6 011 100 111 101 111;7 111 001 010 010 010;"
          + "8 111 101 111 101 111;9 111 101 111 001 110;- 000 000 111 000 000;"
          + ". 000 000 000 000 010;_ 000 000 000 000 111;% 101 001 010 100 101;"
          + ": 000 010 000 010 000;/ 001 001 010 100 100;+ 000 010 111 010 000;"
          + "( 001 010 010 010 001;) 100 010 010 010 100";

  private static final Map<Integer, String> DOTS = dots();

  private PixelFont() {}

  /** Whether a dot of a letter is set. */
  public static boolean dot(int codePoint, int column, int row) {
    if (codePoint == ' ') {
      return false;
    }
    String letter = DOTS.get(codePoint);
    return letter == null || letter.charAt(row * WIDTH + column) == '1';
  }

  /** The text in letters of this font. */
  public static int[] codePoints(String text) {
    return text.toUpperCase(Locale.ROOT).codePoints().toArray();
  }

  private static Map<Integer, String> dots() {
    Map<Integer, String> dots = new HashMap<>();
    for (String letter : LETTERS.split(";", -1)) {
      dots.put(letter.codePointAt(0), letter.substring(1).replace(" ", ""));
    }
    return dots;
  }
}
