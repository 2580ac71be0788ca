package io.millrace.language.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;

/** How tokens were shared out among the routed experts of each layer. */
final class ExpertLoads {

  private ExpertLoads() {}

  /**
   * Share of a layer's tokens that each expert got; 0 where a layer had none, as an MTP module has
   * of documents too short for it.
   *
   * @param loads tokens of each expert [layers, E]
   */
  static double[][] shares(NDArray loads) {
    int experts = (int) loads.getShape().get(1);
    long[] counts = loads.toType(DataType.INT64, true).toLongArray();
    double[][] shares = new double[counts.length / experts][];
    for (int layer = 0; layer < shares.length; layer++) {
      long[] own = Arrays.copyOfRange(counts, layer * experts, (layer + 1) * experts);
      double total = Math.max(1, Arrays.stream(own).sum());
      shares[layer] = Arrays.stream(own).mapToDouble(count -> count / total).toArray();
    }
    return shares;
  }

  /** Averaged over the layers; empty without layers. */
  static double[] mean(double[][] shares) {
    double[] mean = new double[shares.length == 0 ? 0 : shares[0].length];
    for (double[] layer : shares) {
      for (int e = 0; e < mean.length; e++) {
        mean[e] += layer[e] / shares.length;
      }
    }
    return mean;
  }
}
