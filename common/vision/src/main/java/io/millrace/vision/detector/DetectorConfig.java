package io.millrace.vision.detector;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * Shape of a detector; {@code config.json} in a model folder.
 *
 * @param architecture always {@value #ARCHITECTURE}
 * @param classes class names in the order of their index
 * @param inputWidth pixels, a multiple of {@link #coarsestStride()}
 * @param inputHeight pixels, likewise
 * @param stageWidths channels at strides 2, 4, 8, ...
 * @param stageBlocks residual blocks at strides 4, 8, ...
 * @param neckWidth channels of the top-down path
 * @param headWidth hidden channels of the head
 * @param groupSize channels that are normalised together; divides all widths
 */
public record DetectorConfig(
    String architecture,
    List<String> classes,
    int inputWidth,
    int inputHeight,
    List<Integer> stageWidths,
    List<Integer> stageBlocks,
    int neckWidth,
    int headWidth,
    int groupSize) {

  /** The only architecture so far. */
  public static final String ARCHITECTURE = "centernet";

  /** Pixels of the input between neighbouring cells of the output. */
  public static final int STRIDE = 4;

  private static final int MAX_SIDE = 4096;
  private static final int MAX_CLASSES = 10_000;
  private static final int MAX_WIDTH = 4096;
  private static final int MAX_BLOCKS = 64;

  public DetectorConfig {
    classes = List.copyOf(classes);
    stageWidths = List.copyOf(stageWidths);
    stageBlocks = List.copyOf(stageBlocks);
    require(
        architecture.equals(ARCHITECTURE),
        "architecture is %s, only %s is known",
        architecture,
        ARCHITECTURE);
    require(
        !classes.isEmpty() && classes.size() <= MAX_CLASSES,
        "there are %s classes; 1 to %s can be learned",
        classes.size(),
        MAX_CLASSES);
    require(new HashSet<>(classes).size() == classes.size(), "a class is named twice: %s", classes);
    require(
        stageBlocks.size() >= 2 && stageBlocks.size() <= 6,
        "%s stages are not 2 to 6",
        stageBlocks.size());
    require(
        stageWidths.size() == stageBlocks.size() + 1,
        "%s stage widths do not fit %s stages; one is for stride 2",
        stageWidths.size(),
        stageBlocks.size());
    require(groupSize >= 1, "a group cannot have %s channels", groupSize);
    for (int width : stageWidths) {
      requireWidth(width, groupSize);
    }
    requireWidth(neckWidth, groupSize);
    requireWidth(headWidth, groupSize);
    for (int blocks : stageBlocks) {
      require(blocks >= 0 && blocks <= MAX_BLOCKS, "a stage cannot have %s blocks", blocks);
    }
    int coarsest = 2 << stageBlocks.size();
    for (int side : new int[] {inputWidth, inputHeight}) {
      require(
          side > 0 && side <= MAX_SIDE && side % coarsest == 0,
          "an input side of %s pixels is not a multiple of %s up to %s",
          side,
          coarsest,
          MAX_SIDE);
    }
  }

  /**
   * A named configuration: {@code nano} (0.4 million values) or {@code micro} (1.9 million).
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static DetectorConfig preset(
      String name, List<String> classes, int inputWidth, int inputHeight) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "nano" ->
          new DetectorConfig(
              ARCHITECTURE,
              classes,
              inputWidth,
              inputHeight,
              List.of(16, 32, 64, 96),
              List.of(1, 1, 1),
              48,
              64,
              8);
      case "micro" ->
          new DetectorConfig(
              ARCHITECTURE,
              classes,
              inputWidth,
              inputHeight,
              List.of(24, 48, 96, 128, 160),
              List.of(1, 2, 2, 1),
              64,
              96,
              8);
      default ->
          throw new IllegalArgumentException("no preset " + name + "; there are nano and micro");
    };
  }

  /** The same network for other classes and another size of pictures. */
  public DetectorConfig withInput(List<String> otherClasses, int width, int height) {
    return new DetectorConfig(
        architecture,
        otherClasses,
        width,
        height,
        stageWidths,
        stageBlocks,
        neckWidth,
        headWidth,
        groupSize);
  }

  /** Pixels between neighbouring cells of the coarsest stage: input sides are multiples of it. */
  public int coarsestStride() {
    return 2 << stageBlocks.size();
  }

  /** Columns of the heat maps. */
  public int mapWidth() {
    return inputWidth / STRIDE;
  }

  /** Rows of the heat maps. */
  public int mapHeight() {
    return inputHeight / STRIDE;
  }

  private static void requireWidth(int width, int groupSize) {
    require(
        width > 0 && width <= MAX_WIDTH && width % groupSize == 0,
        "a width of %s channels is not a multiple of the group size %s up to %s",
        width,
        groupSize,
        MAX_WIDTH);
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
