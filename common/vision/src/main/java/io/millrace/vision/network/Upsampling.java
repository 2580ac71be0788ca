package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/** How pictures are enlarged before the backbone sees them. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Upsampling.None.class, name = "none"),
  @JsonSubTypes.Type(value = Upsampling.Interpolation.class, name = "interpolation"),
  @JsonSubTypes.Type(value = Upsampling.SubPixel.class, name = "sub_pixel")
})
public sealed interface Upsampling {

  /** The largest factor. */
  int MAX_FACTOR = 4;

  /** The factor of rows and columns; 1: none. */
  int by();

  /** Names of the losses that it adds, behind those of the head. */
  default List<String> losses() {
    return List.of();
  }

  /** The layers that decide what an enlarged pixel sees. */
  List<Layer> layers();

  /** An Upsampler of {@code upsample.py}. */
  KernelTuple tuple(NetworkWeights weights);

  /** {@code enlarged(x_N3HW, up, run)} and what a learned one learns. */
  static KernelSource kernel() {
    return KernelSource.of(Upsampling.class, "upsample.py");
  }

  /** Of other records' fields. */
  private static KernelTuple tuple(int by, boolean cubic, List<KernelTuple> convs, double weight) {
    return new KernelTuple("Upsampler")
        .number("by", by)
        .flag("cubic", cubic)
        .parts("convs", convs)
        .real("weight", weight);
  }

  private static void requireFactor(int by) {
    Limits.require(
        by >= 2 && by <= MAX_FACTOR, "pictures are enlarged 2 to %s times, not %s", MAX_FACTOR, by);
  }

  /** Pictures stay as they are. */
  record None() implements Upsampling {
    @Override
    public int by() {
      return 1;
    }

    @Override
    public List<Layer> layers() {
      return List.of();
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights) {
      return Upsampling.tuple(1, /* cubic= */ false, List.of(), 0);
    }
  }

  /** Between which pixels is interpolated. */
  enum Filter {
    /** The two nearest of a row or column. */
    @JsonProperty("bilinear")
    BILINEAR,
    /** The four nearest. */
    @JsonProperty("bicubic")
    BICUBIC;

    /** What it sees, at most. */
    private Layer layer() {
      return Layer.same("upsampling." + (this == BICUBIC ? "bicubic" : "bilinear"), side(), 1, 1);
    }

    private int side() {
      return this == BICUBIC ? 5 : 3;
    }
  }

  /**
   * Nothing is learned.
   *
   * @param by the factor
   * @param filter how
   */
  record Interpolation(int by, Filter filter) implements Upsampling {
    public Interpolation {
      requireFactor(by);
    }

    @Override
    public List<Layer> layers() {
      return List.of(filter.layer(), Layer.upsampling("upsampling", by));
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights) {
      return Upsampling.tuple(by, filter == Filter.BICUBIC, List.of(), 0);
    }
  }

  /**
   * What bicubic interpolation lacks, by convolutions of the small picture that give each of its
   * pixels the sub-pixels (Shi et al. 2016, "ESPCN", arXiv 1609.05158; ReLU instead of tanh). It
   * learns from the training pictures, made small by means of squares, what they were; and from the
   * detector's own losses. At first it is bicubic interpolation.
   *
   * @param by the factor
   * @param width channels of the second convolution, twice as many of the first; published 32
   * @param weight of the mean squared difference of restored pictures, whose values are -1 to 1
   */
  record SubPixel(int by, int width, double weight) implements Upsampling {

    private static final int MAX_WIDTH = 1024;
    private static final int COLOURS = 3;

    public SubPixel {
      requireFactor(by);
      Limits.require(
          width >= 1 && width <= MAX_WIDTH, "an up-sampler cannot be %s channels wide", width);
      Limits.require(
          weight >= 0 && Double.isFinite(weight),
          "the weight of a loss must be 0 or more: %s",
          weight);
    }

    @Override
    public List<String> losses() {
      return List.of("restoring_loss");
    }

    @Override
    public List<Layer> layers() {
      return List.of(
          Layer.same("upsampling.first", 5, 1, 1),
          Layer.same("upsampling.second", 3, 1, 1),
          Layer.same("upsampling.last", 3, 1, 1),
          Layer.upsampling("upsampling", by));
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights) {
      int first = 2 * width;
      List<KernelTuple> convs =
          List.of(
              conv(weights, "first", new Convolution(COLOURS, first, 5, 1, 1)),
              conv(weights, "second", Convolution.threeByThree(first, width)),
              weights.biased(
                  "upsampling.last",
                  Convolution.threeByThree(width, COLOURS * by * by),
                  new Initializer.Zeros(),
                  0));
      return Upsampling.tuple(by, /* cubic= */ true, convs, weight);
    }

    private static KernelTuple conv(NetworkWeights weights, String name, Convolution shape) {
      return weights.biased("upsampling." + name, shape, Initializer.he(shape.fanIn()), 0);
    }
  }
}
