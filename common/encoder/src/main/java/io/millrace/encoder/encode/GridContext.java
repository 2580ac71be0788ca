package io.millrace.encoder.encode;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.Convolution;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * Masked convolutions over a picture's grid of crops, in the manner of PixelCNN (Hénaff et al.
 * 2019, arXiv 1905.09272, appendix A.2): a place sees its own row and all above, on both sides.
 *
 * @param width inside of a block
 * @param blocks each of which sees a row and a column further
 */
public record GridContext(int width, int blocks) implements Context {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no such network
   */
  public GridContext {
    Limits.require(blocks > 0 && blocks <= 64, "a context of %s blocks", blocks);
    Limits.require(width > 0 && width <= 8192, "blocks of %s values", width);
  }

  @Override
  public int width(Encoder encoder) {
    return encoder.width();
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(GridContext.class, "grid.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights, Encoder encoder) {
    if (!(encoder instanceof PictureEncoder pictures)) {
      throw new IllegalArgumentException("a grid is the context of pictures: use gru for texts");
    }
    List<KernelTuple> all = new ArrayList<>();
    for (int block = 1; block <= blocks; block++) {
      all.add(block(weights, "context.block" + block, pictures.width()));
    }
    return new KernelTuple("Context")
        .parts("blocks", all)
        .number("rows", pictures.rows())
        .number("columns", pictures.columns());
  }

  private KernelTuple block(NetworkWeights weights, String name, int outside) {
    KernelTuple block =
        new KernelTuple("GridBlock")
            .part(
                "narrow",
                weights.biased(
                    name + ".narrow",
                    Convolution.pointwise(outside, width),
                    Initializer.he(outside),
                    0));
    Initializer across = Initializer.he(3L * width);
    Initializer down = Initializer.he(2L * width);
    return block
        .tensor("across_OI13", weights.matrix(name + ".across.weight", across, width, width, 1, 3))
        .tensor("across_O", weights.vector(name + ".across.bias", new Initializer.Zeros(), width))
        .tensor("down_OI21", weights.matrix(name + ".down.weight", down, width, width, 2, 1))
        .tensor("down_O", weights.vector(name + ".down.bias", new Initializer.Zeros(), width))
        .part(
            "wide",
            weights.biased(
                name + ".wide", Convolution.pointwise(width, outside), Initializer.he(width), 0));
  }
}
