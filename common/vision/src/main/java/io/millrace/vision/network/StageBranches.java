package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelTuple;
import java.util.ArrayList;
import java.util.List;

/**
 * How the blocks of a stage are laid out for its branches.
 *
 * @param stage its number, 1 at stride 4; 0: no stage has branches
 * @param dilations of the 3 x 3 convolutions, one number a branch
 * @param shared whether all branches have the same weights
 */
record StageBranches(int stage, List<Integer> dilations, boolean shared) {

  /** No stage has branches. */
  static final StageBranches NONE = new StageBranches(0, List.of(), /* shared= */ true);

  /** What makes a block of a name. */
  @FunctionalInterface
  interface BlockMaker {
    KernelTuple make(String name, int block);
  }

  /**
   * Puts the blocks {@code first} to {@code end} of a stage into its tuple: {@code blocks}, {@code
   * dilations}, {@code each} and {@code apart}.
   *
   * @param name of the stage
   * @param between the names of stage and block
   */
  void put(
      KernelTuple tuple,
      int ofStage,
      String name,
      String between,
      int first,
      int end,
      BlockMaker maker) {
    boolean branches = ofStage == stage;
    int copies = branches && !shared ? dilations.size() : 1;
    List<KernelTuple> blocks = new ArrayList<>();
    for (int branch = 0; branch < copies; branch++) {
      for (int block = first; block < end; block++) {
        String own = name + (copies > 1 ? ".branch" + branch : "") + between + block;
        blocks.add(maker.make(own, block));
      }
    }
    tuple
        .parts("blocks", blocks)
        .numbers("dilations", branches ? dilations : List.of())
        .number("each", end - first)
        .number("apart", copies > 1 ? end - first : 0);
  }
}
