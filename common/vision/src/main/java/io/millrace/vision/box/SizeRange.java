package io.millrace.vision.box;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of objects that a branch or a view answers for. A size is the root of the area in the
 * picture's own pixels (TridentNet, Li et al. 2019, arXiv 1901.01892; SNIP, Singh and Davis 2018,
 * arXiv 1711.08189). Written as {@code [min, max]}; null stands for no upper bound.
 *
 * @param min the smallest size that belongs to it
 * @param max the largest size that belongs to it; infinite if there is no bound
 */
public record SizeRange(double min, double max) {

  /** Every size. */
  public static final SizeRange ALL = new SizeRange(0, Double.POSITIVE_INFINITY);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if they do not hold any size
   */
  public SizeRange {
    if (!(min >= 0 && min <= max) || Double.isInfinite(min)) {
      throw new IllegalArgumentException("not a range of sizes: " + min + " to " + max);
    }
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException if it is not two numbers, the second of which may be null
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static SizeRange of(List<@Nullable Double> bounds) {
    Double min = bounds.size() == 2 ? bounds.getFirst() : null;
    if (min == null) {
      throw new IllegalArgumentException(
          "a range of sizes is [min, max], where max may be null: " + bounds);
    }
    Double max = bounds.getLast();
    return new SizeRange(min, max == null ? Double.POSITIVE_INFINITY : max);
  }

  /** The written form. */
  @JsonValue
  List<@Nullable Double> bounds() {
    List<@Nullable Double> bounds = new ArrayList<>();
    bounds.add(min);
    bounds.add(Double.isInfinite(max) ? null : max);
    return bounds;
  }

  /**
   * Requires that every size from one to another belongs to one of some ranges.
   *
   * @param nothing what sizes belong to otherwise, such as "no branch"
   * @throws IllegalArgumentException naming the smallest ones that do not
   */
  public static void requireNoGap(double from, double to, List<SizeRange> ranges, String nothing) {
    double covered = from;
    for (SizeRange range :
        ranges.stream().sorted(Comparator.comparingDouble(SizeRange::min)).toList()) {
      requireReached(covered, range.min(), nothing);
      covered = Math.max(covered, range.max());
    }
    requireReached(covered, to, nothing);
  }

  private static void requireReached(double covered, double next, String nothing) {
    if (covered < next) {
      throw new IllegalArgumentException(
          "objects of sizes from %s to %s belong to %s".formatted(covered, next, nothing));
    }
  }

  /** Whether a size belongs to it, both bounds included. */
  public boolean contains(double size) {
    return size >= min && size <= max;
  }

  /**
   * Whether a box is of such a size.
   *
   * @param box in the picture's own pixels
   */
  public boolean contains(Box box) {
    double area = box.area();
    return area >= min * min && area <= max * max;
  }
}
