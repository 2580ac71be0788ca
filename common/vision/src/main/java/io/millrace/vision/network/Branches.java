package io.millrace.vision.network;

import io.millrace.vision.box.SizeRange;
import java.util.List;

/**
 * The parallel branches of a network, each of which sees every picture.
 *
 * @param ranges by branch, the sizes of objects that it learns and finds; others are neither
 *     objects nor background for it
 * @param detecting numbers of the branches that look for objects; all of them learn
 */
public record Branches(List<SizeRange> ranges, List<Integer> detecting) {

  /** Of a network without any: one, for objects of every size. */
  public static final Branches ONE = new Branches(List.of(SizeRange.ALL), List.of(0));

  public Branches {
    ranges = List.copyOf(ranges);
    detecting = List.copyOf(detecting);
    for (int branch : detecting) {
      Limits.require(
          branch >= 0 && branch < ranges.size(), "there is no branch %s to detect with", branch);
    }
  }

  /** The numbers of all branches, as kernels take them. */
  public long[] learning() {
    long[] all = new long[ranges.size()];
    for (int branch = 0; branch < all.length; branch++) {
      all[branch] = branch;
    }
    return all;
  }

  /** The numbers of those that look for objects, as kernels take them. */
  public long[] looking() {
    return detecting.stream().mapToLong(Integer::longValue).toArray();
  }
}
