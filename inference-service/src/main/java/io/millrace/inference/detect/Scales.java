package io.millrace.inference.detect;

import io.millrace.platform.error.MillraceException;
import io.millrace.vision.view.Pyramid.Level;
import io.millrace.vision.view.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The scales of an image pyramid in one text, like {@code 2:0-40,1:20-120,0.5:80-}: factors of the
 * size at which the whole picture fills the network's input, each with the sizes of objects that
 * are looked for at it, as roots of areas in the picture's pixels. Without a range all are.
 */
final class Scales {

  private static final int MOST = 8;
  private static final double MAX_FACTOR = 16;
  private static final String NUMBER = "(\\d{1,6}(?:\\.\\d{1,6})?)";
  private static final Pattern LEVEL =
      Pattern.compile(" *" + NUMBER + "(?::" + NUMBER + "?-" + NUMBER + "?)? *");

  private Scales() {}

  /**
   * The levels of a text.
   *
   * @throws MillraceException INVALID_ARGUMENT naming scales
   */
  static List<Level> parse(String text) {
    String[] parts = text.split(",", -1);
    if (parts.length > MOST) {
      throw invalid("scales must be at most %d, there are %d".formatted(MOST, parts.length));
    }
    List<Level> levels = new ArrayList<>();
    for (String part : parts) {
      Matcher level = LEVEL.matcher(part);
      if (!level.matches()) {
        throw invalid(
            "scales must be factors with commas between them, each with a range of sizes or without,"
                + " like 2:0-40,1:20-120,0.5:80-; '%s' is none".formatted(part.strip()));
      }
      double factor = Double.parseDouble(level.group(1));
      if (!(factor > 0 && factor <= MAX_FACTOR)) {
        throw invalid("a scale must be above 0 and at most 16, it is " + factor);
      }
      double min = level.group(2) == null ? 0 : Double.parseDouble(level.group(2));
      double max =
          level.group(3) == null ? Double.POSITIVE_INFINITY : Double.parseDouble(level.group(3));
      if (min > max) {
        throw invalid("a range of sizes must not end before it begins: " + part.strip());
      }
      levels.add(new Level(factor, new Range(min, max)));
    }
    return levels;
  }

  private static MillraceException invalid(String message) {
    return MillraceException.invalid("scales", message);
  }
}
