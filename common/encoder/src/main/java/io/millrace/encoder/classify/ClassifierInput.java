package io.millrace.encoder.classify;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.language.model.StoredTensor;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;
import java.util.function.Function;

/**
 * What a classifier is given, and what makes features of it. Its kernel files define the NamedTuple
 * {@code Source} and {@code source_features(values, starts, source, learning)}, which gives [N,
 * width].
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RowInput.class, name = "rows"),
  @JsonSubTypes.Type(value = EncodedInput.class, name = "encoded")
})
public sealed interface ClassifierInput permits RowInput, EncodedInput {

  /** Numbers of a feature. */
  int width();

  /** What its layers have in common. */
  LayerStyle style();

  /** The kernel files that define it. */
  List<KernelSource> kernels();

  /**
   * Describes its weights, which have to be the first.
   *
   * @return its Source
   */
  KernelTuple tuple(NetworkWeights weights);

  /**
   * Whether its own weights learn. Where they do not, features are computed without gradients, and
   * standardised.
   */
  boolean learns();

  /** The tensors that a weight is in the file of the model that it was published with. */
  default Function<ParameterSpec, List<StoredTensor>> stored() {
    return spec -> List.of(new StoredTensor(spec.name(), spec.shape()));
  }

  /**
   * Checks that it takes such inputs.
   *
   * @throws IllegalArgumentException if not, saying what it takes
   */
  void requireFits(Inputs inputs);
}
