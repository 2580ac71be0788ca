package io.millrace.vision.view;

import io.millrace.vision.box.SizeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pyramid in one text, like {@code 2:0-40,1:20-120,0.5:80-}: factors of the size at which the
 * whole picture fills the network's input, each with the sizes of objects that it is for. Without a
 * range it is for all.
 */
final class PyramidText {

  private static final int MOST = 8;
  private static final double MAX_FACTOR = 16;
  private static final String NUMBER = "(\\d{1,6}(?:\\.\\d{1,6})?)";
  private static final Pattern LEVEL =
      Pattern.compile(" *" + NUMBER + "(?::" + NUMBER + "?-" + NUMBER + "?)? *");

  private PyramidText() {}

  static Pyramid parse(String text) {
    String[] parts = text.split(",", -1);
    if (parts.length > MOST) {
      throw new IllegalArgumentException(
          "scales must be at most %d, there are %d".formatted(MOST, parts.length));
    }
    List<Pyramid.Level> levels = new ArrayList<>();
    for (String part : parts) {
      levels.add(level(part));
    }
    requireNoGap(levels.stream().map(Pyramid.Level::valid).toList());
    return new Pyramid(levels);
  }

  /** Ranges may leave out small and large objects, but hardly those between two of them. */
  private static void requireNoGap(List<SizeRange> ranges) {
    double from = ranges.stream().mapToDouble(SizeRange::min).min().orElse(0);
    double to = ranges.stream().mapToDouble(SizeRange::max).max().orElse(0);
    SizeRange.requireNoGap(from, to, ranges, "none of the scales: let their ranges meet");
  }

  private static Pyramid.Level level(String part) {
    Matcher level = LEVEL.matcher(part);
    if (!level.matches()) {
      throw new IllegalArgumentException(
          "scales must be factors with commas between them, each with a range of sizes or without,"
              + " like 2:0-40,1:20-120,0.5:80-; '%s' is none".formatted(part.strip()));
    }
    double factor = Double.parseDouble(level.group(1));
    if (!(factor > 0 && factor <= MAX_FACTOR)) {
      throw new IllegalArgumentException("a scale must be above 0 and at most 16, it is " + factor);
    }
    double min = level.group(2) == null ? 0 : Double.parseDouble(level.group(2));
    double max =
        level.group(3) == null ? Double.POSITIVE_INFINITY : Double.parseDouble(level.group(3));
    if (min > max) {
      throw new IllegalArgumentException(
          "a range of sizes must not end before it begins: " + part.strip());
    }
    return new Pyramid.Level(factor, new SizeRange(min, max));
  }
}
