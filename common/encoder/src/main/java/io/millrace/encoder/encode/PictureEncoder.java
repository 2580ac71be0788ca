package io.millrace.encoder.encode;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A vision backbone over a grid of overlapping crops, of each of which the mean of the coarsest map
 * is the vector (van den Oord et al. 2018, arXiv 1807.03748, section 3.2: 7 x 7 crops of 64 pixels,
 * 32 apart), or over the whole picture.
 *
 * @param backbone of the crops
 * @param inputWidth pixels of the pictures
 * @param inputHeight pixels
 * @param cropWidth pixels of a crop, a multiple of the backbone's coarsest stride
 * @param cropHeight pixels
 * @param step pixels from one crop to the next, in both directions
 */
public record PictureEncoder(
    Backbone backbone, int inputWidth, int inputHeight, int cropWidth, int cropHeight, int step)
    implements Encoder {

  private static final int MAX_SIDE = 4096;
  private static final int MAX_CROPS = 4096;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no such grid, or the backbone has nothing to learn
   *     or branches
   */
  public PictureEncoder {
    requireSides(backbone, inputWidth, cropWidth, step, "width");
    requireSides(backbone, inputHeight, cropHeight, step, "height");
    Limits.require(
        backbone.branches().learning().length == 1,
        "a backbone of several branches gives no single vector of a crop");
    Limits.require(
        backbone.coarsestStride() > 1,
        "a backbone that is the picture itself has nothing to learn");
    Limits.require(
        (long) count(inputWidth, cropWidth, step) * count(inputHeight, cropHeight, step)
            <= MAX_CROPS,
        "a picture of more than %s crops",
        MAX_CROPS);
  }

  private static void requireSides(Backbone backbone, int input, int crop, int step, String side) {
    int stride = backbone.coarsestStride();
    Limits.require(
        input > 0 && input <= MAX_SIDE, "an input %s of %s is not 1 to %s", side, input, MAX_SIDE);
    Limits.require(
        crop > 0 && crop <= input && crop % stride == 0,
        "a crop's %s of %s pixels is not a multiple of the backbone's stride %s up to %s",
        side,
        crop,
        stride,
        input);
    Limits.require(
        step > 0 && (input - crop) % step == 0 && (crop == input || step <= crop),
        "crops of %s pixels, %s apart, do not cover a %s of %s",
        crop,
        step,
        side,
        input);
  }

  /** One crop: the whole picture. */
  public static PictureEncoder whole(Backbone backbone, int width, int height) {
    return new PictureEncoder(backbone, width, height, width, height, /* step= */ 1);
  }

  /** The same for pictures of another size; an encoder of the whole picture remains one. */
  public PictureEncoder withInput(int width, int height) {
    return cropWidth == inputWidth && cropHeight == inputHeight
        ? whole(backbone, width, height)
        : new PictureEncoder(backbone, width, height, cropWidth, cropHeight, step);
  }

  /** Rows of crops. */
  public int rows() {
    return count(inputHeight, cropHeight, step);
  }

  /** Columns of crops. */
  public int columns() {
    return count(inputWidth, cropWidth, step);
  }

  private static int count(int input, int crop, int step) {
    return (input - crop) / step + 1;
  }

  @Override
  public int width() {
    return backbone.levels().getLast().channels();
  }

  @Override
  public List<KernelSource> kernels() {
    List<KernelSource> kernels = new ArrayList<>(backbone.kernels());
    kernels.add(KernelSource.of(PictureEncoder.class, "pictures.py"));
    return List.copyOf(kernels);
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    int first = weights.specs().size();
    return new KernelTuple("Encoder")
        .part("backbone", backbone.tuple(weights))
        .tensor("first", first)
        .number("crop_width", cropWidth)
        .number("crop_height", cropHeight)
        .number("step", step);
  }

  @Override
  public List<Layer> layers() {
    return backbone.layers(0).stream().flatMap(List::stream).toList();
  }

  @Override
  public int[] sequences(EncoderBatch batch) {
    int[] sequences = new int[batch.size() * columns() + 1];
    for (int i = 0; i < sequences.length; i++) {
      sequences[i] = i * rows();
    }
    return sequences;
  }

  @Override
  public int sequencesEach() {
    return columns();
  }

  @Override
  public void requireFits(EncoderBatch batch) {
    switch (batch) {
      case TokenBatch tokens ->
          throw new IllegalArgumentException(
              "this encoder takes pictures, the batch holds " + tokens.kind());
      case PictureBatch pictures ->
          Limits.require(
              pictures.width() == inputWidth && pictures.height() == inputHeight,
              "the batch has pictures of %s x %s pixels, the model takes %s x %s",
              pictures.width(),
              pictures.height(),
              inputWidth,
              inputHeight);
    }
  }
}
