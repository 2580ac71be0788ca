package io.millrace.vision.network;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import java.util.List;

/**
 * What brings the maps of a backbone together. Its kernel file defines the NamedTuple {@code Neck}
 * and {@code neck(levels, neck, run)}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TopDownNeck.class, name = "top_down"),
  @JsonSubTypes.Type(value = NoNeck.class, name = "none")
})
public sealed interface Neck permits TopDownNeck, NoNeck {

  /**
   * Its maps, the finest first.
   *
   * @param backbone maps of the backbone
   * @throws IllegalArgumentException if it cannot work with these
   */
  List<Level> levels(List<Level> backbone);

  /** The kernel files that define it, beside {@code layers.py}. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @return its Neck
   * @throws IllegalArgumentException if a width does not fit the style
   */
  KernelTuple tuple(NetworkWeights weights, List<Level> backbone);
}
