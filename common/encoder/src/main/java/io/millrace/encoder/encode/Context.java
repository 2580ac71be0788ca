package io.millrace.encoder.encode;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/**
 * What sums up the places of a document up to one of them: autoregressive, so that what follows can
 * be predicted. Its kernel file defines the NamedTuple {@code Context} and {@code contexts(places,
 * context, run)}, a vector for every place.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = NoContext.class, name = "none"),
  @JsonSubTypes.Type(value = GruContext.class, name = "gru"),
  @JsonSubTypes.Type(value = GridContext.class, name = "grid"),
  @JsonSubTypes.Type(value = DecoderContext.class, name = "decoder")
})
public sealed interface Context permits NoContext, GruContext, GridContext, DecoderContext {

  /** Values of a vector behind this encoder. */
  int width(Encoder encoder);

  /** The kernel files that define it. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @return its Context
   * @throws IllegalArgumentException if it does not fit the encoder
   */
  KernelTuple tuple(NetworkWeights weights, Encoder encoder);
}
