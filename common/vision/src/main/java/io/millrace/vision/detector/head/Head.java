package io.millrace.vision.detector.head;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.loss.Loss;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import io.millrace.vision.suppress.Suppression;
import java.util.List;

/**
 * What finds boxes in maps. Its kernel file defines the NamedTuple {@code Head} and the functions
 * {@code count}, {@code losses} and {@code candidates} that {@code detector.py} tells of.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CenterNetHead.class, name = "centernet"),
  @JsonSubTypes.Type(value = FcosHead.class, name = "fcos"),
  @JsonSubTypes.Type(value = AnchorHead.class, name = "anchors"),
  @JsonSubTypes.Type(value = YoloV1Head.class, name = "yolo_v1"),
  @JsonSubTypes.Type(value = TwoStageHead.class, name = "two_stage"),
  @JsonSubTypes.Type(value = MtcnnHead.class, name = "mtcnn")
})
public sealed interface Head
    permits CenterNetHead, FcosHead, AnchorHead, YoloV1Head, TwoStageHead, MtcnnHead {

  /** Why most heads have losses of their own alone. */
  String NO_HEAT_MAP =
      "only heads with heat maps (centernet) can be learned by a loss of another name; here, each place is assigned an object or none first, and its losses belong to that";

  /** Names of the parts of the loss, in the order in which the kernel gives them. */
  List<String> losses();

  /** The layers that decide what a cell sees before its result, on the longest way. */
  List<Layer> layers();

  /** Whether each result depends on all of the picture, whatever the layers say. */
  default boolean seesEverything() {
    return false;
  }

  /** Sizes of objects that each map is for, if the head says so; else none. */
  default List<SizeRange> sizes() {
    return List.of();
  }

  /**
   * What published weights of a classifier (torchvision, timm) call one of its tensors; empty if
   * they have none such.
   */
  default String published(String tensor) {
    return "";
  }

  /** Which of its candidates give way to better ones, unless something else is wanted. */
  Suppression suppression();

  /** The kernel files that define it, beside those of the network and {@code detector.py}. */
  List<KernelSource> kernels();

  /**
   * The same for learning by a loss of heat maps that is not its own. They define {@code measured}
   * too, what of a batch the loss has to know of all batches of a step.
   *
   * @throws IllegalArgumentException if it cannot be learned by this loss
   */
  default List<KernelSource> kernels(Loss loss) {
    throw new IllegalArgumentException(NO_HEAT_MAP);
  }

  /**
   * Checks that it can be learned by a loss that is not its own.
   *
   * @throws IllegalArgumentException with the reason, if not
   */
  default void requireLearnedBy(Loss loss, int classes) {
    throw new IllegalArgumentException(NO_HEAT_MAP);
  }

  /** Whether its kernels multiply in layers alone, whose products can be chosen. */
  default boolean hasLayersAlone() {
    return true;
  }

  /**
   * Describes its weights.
   *
   * @return its Head
   * @throws IllegalArgumentException if it cannot work with these maps
   */
  KernelTuple tuple(NetworkWeights weights, HeadInput input);
}
