package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/** A backbone of stages, any of which can be run as branches of several dilations. */
@JsonSubTypes({
  @JsonSubTypes.Type(value = ResidualBackbone.class, name = "residual"),
  @JsonSubTypes.Type(value = ResNetBackbone.class, name = "resnet")
})
public sealed interface StagedBackbone extends Backbone permits ResidualBackbone, ResNetBackbone {

  /** For each stage, from stride 4 on, its blocks that keep size and width. */
  List<Integer> keepingBlocks();

  /**
   * As {@link #layers(int)}, with one stage dilated.
   *
   * @param stage its number, 0: none
   * @param dilation of the 3 x 3 convolutions of its blocks that keep size and width
   */
  List<List<Layer>> layers(int stage, int dilation);

  @Override
  default List<List<Layer>> layers(int branch) {
    return layers(/* stage= */ 0, /* dilation= */ 1);
  }

  /** As {@link #tuple(NetworkWeights)} with branches. */
  KernelTuple tuple(NetworkWeights weights, StageBranches branches);

  @Override
  default KernelTuple tuple(NetworkWeights weights) {
    return tuple(weights, StageBranches.NONE);
  }
}
