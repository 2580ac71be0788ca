package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/**
 * What turns pictures into maps of several strides. Its kernel file defines the NamedTuple {@code
 * Backbone} and {@code backbone(x_NCHW, backbone, run)}, which gives the maps, the finest first.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ResidualBackbone.class, name = "residual"),
  @JsonSubTypes.Type(value = ResNetBackbone.class, name = "resnet"),
  @JsonSubTypes.Type(value = VggBackbone.class, name = "vgg16"),
  @JsonSubTypes.Type(value = DarknetBackbone.class, name = "darknet"),
  @JsonSubTypes.Type(value = TridentBackbone.class, name = "trident"),
  @JsonSubTypes.Type(value = PixelBackbone.class, name = "pixels")
})
public sealed interface Backbone
    permits StagedBackbone, VggBackbone, DarknetBackbone, TridentBackbone, PixelBackbone {

  /** Its maps, the finest first. */
  List<Level> levels();

  /** The kernel files that define it, beside {@code layers.py}. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @return its Backbone
   * @throws IllegalArgumentException if a width does not fit the style
   */
  KernelTuple tuple(NetworkWeights weights);

  /**
   * What published weights (torchvision, timm) call one of its tensors; empty if they have none
   * such.
   */
  default String published(String tensor) {
    return "";
  }

  /** Whether it does not need a tensor that published weights have, such as a classifier's. */
  default boolean leavesOut(String published) {
    return published.endsWith(".num_batches_tracked");
  }

  /**
   * The layers that decide what a cell sees, on the longest way: for each map those behind the map
   * before.
   *
   * @param branch of {@link #branches}
   */
  List<List<Layer>> layers(int branch);

  /** Its parallel branches. */
  default Branches branches() {
    return Branches.ONE;
  }

  /** Pixels of the input between the cells of its coarsest map; input sides are multiples of it. */
  default int coarsestStride() {
    return levels().getLast().stride();
  }
}
