package io.millrace.encoder.encode;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import java.util.List;

/**
 * What turns a document into vectors at places: at groups of tokens, at crops of a picture. Its
 * kernel file defines the NamedTuple {@code Encoder} and {@code encoded(values, starts, encoder,
 * changes, run)}, which gives {@code Places}, see {@code encode.py}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TokenEncoder.class, name = "tokens"),
  @JsonSubTypes.Type(value = LanguageEncoder.class, name = "language"),
  @JsonSubTypes.Type(value = PictureEncoder.class, name = "pictures")
})
public sealed interface Encoder permits TextEncoder, PictureEncoder {

  /** Values of a vector. */
  int width();

  /** The kernel files that define it, beside {@code layers.py} and an activation. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @return its Encoder
   * @throws IllegalArgumentException if a width does not fit the style
   */
  KernelTuple tuple(NetworkWeights weights);

  /** The layers that decide what a place sees, in order: of tokens, or of a crop's pixels. */
  List<Layer> layers();

  /**
   * Where the places of each sequence begin, then their number. A text is one sequence; a picture
   * has one for each column of its crops, from above downwards.
   *
   * @throws IllegalArgumentException if the batch is not what the encoder takes
   */
  int[] sequences(EncoderBatch batch);

  /** Sequences of a document. */
  default int sequencesEach() {
    return 1;
  }

  /**
   * Checks that a batch can be encoded.
   *
   * @throws IllegalArgumentException if it holds something else, or of another size
   */
  void requireFits(EncoderBatch batch);
}
