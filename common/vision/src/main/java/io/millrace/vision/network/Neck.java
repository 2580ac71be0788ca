package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/**
 * What brings the maps of a backbone together. Its kernel file defines the NamedTuple {@code Neck}
 * and {@code neck(levels, neck, run)}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TopDownNeck.class, name = "top_down"),
  @JsonSubTypes.Type(value = PyramidNeck.class, name = "fpn"),
  @JsonSubTypes.Type(value = ContextNeck.class, name = "dilated_context"),
  @JsonSubTypes.Type(value = NoNeck.class, name = "none")
})
public sealed interface Neck permits TopDownNeck, PyramidNeck, ContextNeck, NoNeck {

  /**
   * Its maps, the finest first. One that is coarser than the backbone's has a stride of which the
   * input's sides need not be multiples: its rows and columns are rounded up.
   *
   * @param backbone maps of the backbone
   * @throws IllegalArgumentException if it cannot work with these
   */
  List<Level> levels(List<Level> backbone);

  /**
   * For each of its maps, the way on which a cell sees most.
   *
   * @throws IllegalArgumentException if it cannot work with these
   */
  List<Way> ways(List<Level> backbone);

  /**
   * From a map of the backbone to one of the neck.
   *
   * @param from place of the backbone's map
   * @param layers that decide what a cell sees
   */
  record Way(int from, List<Layer> layers) {
    public Way {
      layers = List.copyOf(layers);
    }
  }

  /** The kernel files that define it, beside {@code layers.py}. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @return its Neck
   * @throws IllegalArgumentException if a width does not fit the style
   */
  KernelTuple tuple(NetworkWeights weights, List<Level> backbone);

  /**
   * Checks that the backbone's last map is taken: the stages behind it would have weights that
   * never learn.
   *
   * @throws IllegalArgumentException if it is not
   */
  static void requireCoarsest(String neck, int taken, List<Level> backbone) {
    int coarsest = backbone.getLast().stride();
    Limits.require(
        taken == coarsest,
        "neck %s takes no map coarser than stride %s, but the backbone goes on to stride %s:"
            + " leave its last stages out",
        neck,
        taken,
        coarsest);
  }
}
