package io.millrace.vision.view;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.List;

/**
 * The picture at several scales, each good for objects of some sizes (SNIP's test ranges). A scale
 * at which the picture is larger than the network's input is seen through overlapping windows.
 *
 * @param levels at least one
 */
public record Pyramid(List<Level> levels) implements Viewing {

  private static final double OVERLAP = 0.25;

  /**
   * A scale.
   *
   * @param factor of size, above 0; 1: the whole picture fills the network's input
   * @param valid sizes of objects that are looked for at this scale, in the picture's own pixels
   */
  public record Level(double factor, SizeRange valid) {
    public Level {
      if (!(factor > 0) || Double.isInfinite(factor)) {
        throw new IllegalArgumentException("a factor must be above 0, it is " + factor);
      }
    }
  }

  public Pyramid {
    levels = List.copyOf(levels);
    if (levels.isEmpty()) {
      throw new IllegalArgumentException("a pyramid needs at least one level");
    }
  }

  /**
   * Reads the levels of a text like {@code 2:0-40,1:20-120,0.5:80-}: factors, each with the sizes
   * of objects that it is for; without a range it is for all.
   *
   * @throws IllegalArgumentException if it is none, or has more than 8 levels or factors above 16
   */
  public static Pyramid parse(String text) {
    return PyramidText.parse(text);
  }

  @Override
  public List<Look> looks(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    List<Look> looks = new ArrayList<>();
    for (Level level : levels) {
      grid(level, pictureWidth, pictureHeight, inputWidth, inputHeight)
          .of(pictureWidth, pictureHeight)
          .forEach(window -> looks.add(new Look(window, level.valid())));
    }
    return looks;
  }

  @Override
  public long count(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    return levels.stream()
        .mapToLong(level ->
            grid(level, pictureWidth, pictureHeight, inputWidth, inputHeight)
                .count(pictureWidth, pictureHeight))
        .sum();
  }

  private static Grid grid(
      Level level, int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    double whole =
        Math.min((double) inputWidth / pictureWidth, (double) inputHeight / pictureHeight);
    return new Grid(level.factor() * whole, OVERLAP, inputWidth, inputHeight);
  }

  /** By intersection over union: every scale shows objects whole. */
  @Override
  public Suppression merging() {
    return new Suppression.Greedy(Overlap.UNION, 0.5, /* agnostic= */ false);
  }
}
