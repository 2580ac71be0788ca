package io.millrace.language.model;

import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * The layers of a decoder as a part of another network: {@code body_states(x_TD, starts, body,
 * shape)} of its kernel files makes states of vectors at places that see those before them.
 */
public final class DecoderBody {

  /** The function of gates, apart from the activations of networks that a decoder is a part of. */
  static final String GATE = "activate_gate";

  private static final String EMBEDDING = "embed_tokens.weight";

  private final LanguageConfig config;
  private final WeightPlaces places;

  /**
   * The layers of a configuration.
   *
   * @param prefix of the weights' names, {@code model.} in a language model
   * @param places gives a weight its place in the list that the NamedTuples are made of
   */
  public DecoderBody(LanguageConfig config, String prefix, ToIntFunction<ParameterSpec> places) {
    this.config = config;
    this.places = new WeightPlaces(config, prefix, places);
  }

  /** The files that define it, for one configuration. */
  public static List<KernelSource> kernels(LanguageConfig config) {
    List<KernelSource> sources =
        new ArrayList<>(
            Stream.of("weights.py", "batch.py", "attention.py", "experts.py", "body.py")
                .map(file -> KernelSource.of(DecoderBody.class, file))
                .toList());
    sources.add(config.hiddenAct().kernel(GATE));
    return List.copyOf(sources);
  }

  /** Gives the embedding of tokens its place: [V, D]. */
  public int embedding() {
    return places.matrix(EMBEDDING, config.vocabSize(), config.hiddenSize());
  }

  /** Gives the layers their places: a Body. */
  public KernelTuple layers() {
    return places.body();
  }

  /** The numbers of the shape: a Shape. */
  public KernelTuple shape() {
    return DecoderLayout.shape(config);
  }
}
