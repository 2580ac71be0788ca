package io.millrace.vision.detector;

import io.millrace.vision.detector.head.Head;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.Upsampling;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * A detector as the parts it is composed of; {@code config.json} in a model folder.
 *
 * @param architecture always {@value #ARCHITECTURE}
 * @param classes class names in the order of their index
 * @param inputWidth pixels, a multiple of the backbone's coarsest stride
 * @param inputHeight pixels, likewise
 * @param layers what all layers have in common
 * @param backbone what turns pictures into maps
 * @param neck what brings the maps together
 * @param head what finds boxes in them
 * @param upsampling how pictures are enlarged before the backbone; all strides count in pixels
 *     before that
 */
public record DetectorConfig(
    String architecture,
    List<String> classes,
    int inputWidth,
    int inputHeight,
    LayerStyle layers,
    Backbone backbone,
    Neck neck,
    Head head,
    Upsampling upsampling) {

  /** What all detectors name. */
  public static final String ARCHITECTURE = "detector";

  private static final int MAX_SIDE = 4096;
  private static final int MAX_CLASSES = 10_000;

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException which says what does not, and why
   */
  public DetectorConfig {
    classes = List.copyOf(classes);
    Limits.require(
        architecture.equals(ARCHITECTURE),
        "architecture is %s, only %s is known",
        architecture,
        ARCHITECTURE);
    Limits.require(
        !classes.isEmpty() && classes.size() <= MAX_CLASSES,
        "there are %s classes; 1 to %s can be learned",
        classes.size(),
        MAX_CLASSES);
    Limits.require(
        new HashSet<>(classes).size() == classes.size(), "a class is named twice: %s", classes);
    List<Level> unused = maps(backbone, upsampling);
    // Of pixels before they are enlarged; as many are pooled together when that is learned.
    int coarsest = Math.max(backbone.coarsestStride() / upsampling.by(), upsampling.by());
    for (int side : new int[] {inputWidth, inputHeight}) {
      Limits.require(
          side > 0 && side <= MAX_SIDE && side % coarsest == 0,
          "an input side of %s pixels is not a multiple of %s up to %s: take %s",
          side,
          coarsest,
          MAX_SIDE,
          nearest(side, coarsest));
    }
    DetectorLayout unusedToo =
        DetectorLayout.of(
            layers, backbone, neck, head, upsampling, classes.size(), inputWidth, inputHeight);
  }

  /** The same without up-sampling. */
  public DetectorConfig(
      String architecture,
      List<String> classes,
      int inputWidth,
      int inputHeight,
      LayerStyle layers,
      Backbone backbone,
      Neck neck,
      Head head) {
    this(
        architecture,
        classes,
        inputWidth,
        inputHeight,
        layers,
        backbone,
        neck,
        head,
        new Upsampling.None());
  }

  /** Maps of the backbone, with strides in pixels of the input. */
  public List<Level> maps() {
    return maps(backbone, upsampling);
  }

  static List<Level> maps(Backbone backbone, Upsampling upsampling) {
    int by = upsampling.by();
    for (Level level : backbone.levels()) {
      Limits.require(
          level.stride() % by == 0,
          "pictures enlarged %s times have no pixels of their own for a map of stride %s: take another"
              + " backbone, or none",
          by,
          level.stride());
    }
    return backbone.levels().stream()
        .map(level -> new Level(level.channels(), level.stride() / by))
        .toList();
  }

  /** Names of the parts of the loss, in the order in which the kernel gives them. */
  public List<String> losses() {
    return Stream.concat(head.losses().stream(), upsampling.losses().stream()).toList();
  }

  /** The sides next to one that cannot be. */
  private static String nearest(int side, int coarsest) {
    int below = Math.min(side, MAX_SIDE) / coarsest * coarsest;
    int above = below + coarsest;
    if (below <= 0) {
      return "%d".formatted(coarsest);
    }
    return above > MAX_SIDE ? "%d".formatted(below) : "%d or %d".formatted(below, above);
  }

  /**
   * Which detections of one look give way to better ones, unless something else is wanted: as the
   * head says; where several branches look, at least those that overlap by more than a half with
   * one of their class.
   */
  public Suppression suppression() {
    boolean several = backbone.branches().detecting().size() > 1;
    return several && head.suppression() instanceof Suppression.None
        ? new Suppression.Greedy(Overlap.UNION, 0.5, /* agnostic= */ false)
        : head.suppression();
  }

  /** The same parts for other classes and another size of pictures. */
  public DetectorConfig withInput(List<String> otherClasses, int width, int height) {
    return new DetectorConfig(
        architecture, otherClasses, width, height, layers, backbone, neck, head, upsampling);
  }

  /** The same with other layers. */
  public DetectorConfig withLayers(LayerStyle others) {
    return new DetectorConfig(
        architecture, classes, inputWidth, inputHeight, others, backbone, neck, head, upsampling);
  }

  /** The same with another head. */
  public DetectorConfig withHead(Head other) {
    return new DetectorConfig(
        architecture, classes, inputWidth, inputHeight, layers, backbone, neck, other, upsampling);
  }

  /** The same with another up-sampling. */
  public DetectorConfig withUpsampling(Upsampling other) {
    return new DetectorConfig(
        architecture, classes, inputWidth, inputHeight, layers, backbone, neck, head, other);
  }
}
