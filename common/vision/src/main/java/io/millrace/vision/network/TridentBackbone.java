package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.receptive.Layer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A backbone one stage of which is run as parallel branches of different dilations (TridentNet, Li
 * et al. 2019, arXiv 1901.01892). What the stage gives has all pictures of the first branch, then
 * those of the second, and so on; finer maps are the same for all branches.
 *
 * <p>With shared weights the tensors are those of the backbone itself, by name and shape.
 *
 * @param of the backbone
 * @param stage number of the stage, 1 at stride 4; 3 as published. Its blocks that keep size and
 *     width are run by every branch
 * @param dilations of the branches; 1, 2, 3 as published
 * @param shared whether all branches have the same weights, as published
 * @param ranges sizes of objects that each branch is for (scale-aware training, section 3.3), [0,
 *     90], [30, 160] and [90, null] as published; empty: every branch is for all
 * @param fast whether the middle branch alone looks for objects (Trident-Fast, section 3.4); ranges
 *     are empty then
 */
public record TridentBackbone(
    StagedBackbone of,
    int stage,
    List<Integer> dilations,
    boolean shared,
    List<SizeRange> ranges,
    boolean fast)
    implements Backbone {

  private static final int MAX_BRANCHES = 8;
  private static final int MAX_DILATION = 16;

  public TridentBackbone {
    dilations = List.copyOf(dilations);
    ranges = List.copyOf(ranges);
    int stages = of.keepingBlocks().size();
    Limits.require(
        stage >= 1 && stage <= stages, "there is no stage %s: stages are 1 to %s", stage, stages);
    Limits.require(
        of.keepingBlocks().get(stage - 1) > 0,
        "stage %s has no block that keeps size and width: there is nothing to branch",
        stage);
    Limits.require(
        !dilations.isEmpty() && dilations.size() <= MAX_BRANCHES,
        "%s branches are not 1 to %s",
        dilations.size(),
        MAX_BRANCHES);
    for (int dilation : dilations) {
      Limits.require(
          dilation >= 1 && dilation <= MAX_DILATION,
          "a dilation of %s is not 1 to %s",
          dilation,
          MAX_DILATION);
    }
    Limits.require(
        !shared || new HashSet<>(dilations).size() == dilations.size(),
        "branches of the same dilation and the same weights are the same: %s",
        dilations);
    requireRanges(dilations, ranges, fast);
  }

  private static void requireRanges(List<Integer> dilations, List<SizeRange> ranges, boolean fast) {
    Limits.require(
        ranges.isEmpty() || ranges.size() == dilations.size(),
        "%s ranges do not fit %s branches",
        ranges.size(),
        dilations.size());
    Limits.require(
        !fast || ranges.isEmpty(),
        "with fast the middle branch finds objects of all sizes: leave ranges empty");
    Limits.require(
        !fast || dilations.size() % 2 == 1,
        "%s branches have no middle one for fast",
        dilations.size());
    if (!ranges.isEmpty()) {
      SizeRange.requireNoGap(0, Double.POSITIVE_INFINITY, ranges, "no branch");
    }
  }

  @Override
  public Branches branches() {
    List<SizeRange> all =
        ranges.isEmpty() ? Collections.nCopies(dilations.size(), SizeRange.ALL) : ranges;
    return fast
        ? new Branches(all, List.of(dilations.size() / 2))
        : new Branches(all, IntStream.range(0, all.size()).boxed().toList());
  }

  @Override
  public List<Level> levels() {
    return of.levels();
  }

  @Override
  public List<KernelSource> kernels() {
    return of.kernels();
  }

  /** Separate branches all begin with what the plain backbone has. */
  @Override
  public String published(String tensor) {
    return of.published(tensor.replaceFirst("\\.branch[0-9]+\\.", "."));
  }

  @Override
  public boolean leavesOut(String published) {
    return of.leavesOut(published);
  }

  @Override
  public List<List<Layer>> layers(int branch) {
    return of.layers(stage, dilations.get(branch));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    return of.tuple(weights, new StageBranches(stage, dilations, shared));
  }
}
