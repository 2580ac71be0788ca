package io.millrace.vision.detector.head;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Limits;
import java.util.List;

/**
 * How the features of a region are read from a map: RoIAlign (He et al. 2017, "Mask R-CNN", arXiv
 * 1703.06870, section 3) with torchvision's options.
 *
 * @param bins along a side of a region
 * @param samples along a side of a bin; 0: so many that one lies in each cell
 * @param aligned whether cells lie around their middles; without, as in the first implementations,
 *     regions lie half a cell off and are at least one cell large
 */
public record RoiAlign(int bins, int samples, boolean aligned) {

  private static final int MOST = 64;

  public RoiAlign {
    Limits.require(bins >= 1 && bins <= MOST, "a region cannot have %s bins a side", bins);
    Limits.require(samples >= 0 && samples <= MOST, "a bin cannot have %s samples a side", samples);
  }

  /** {@code roi_align(maps, regions, rule)}. */
  static KernelSource kernel() {
    return KernelSource.of(RoiAlign.class, "roi_align.py");
  }

  /** A RoiAlign of {@code roi_align.py} for these maps. */
  KernelTuple tuple(List<Level> maps) {
    return new KernelTuple("RoiAlign")
        .number("bins", bins)
        .number("samples", samples)
        .flag("aligned", aligned)
        .reals("strides", maps.stream().mapToDouble(Level::stride).toArray());
  }
}
