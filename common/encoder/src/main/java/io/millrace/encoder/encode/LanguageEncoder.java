package io.millrace.encoder.encode;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.DecoderBody;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * A language model without its heads: the states behind its last norm, one for each token, which
 * has seen those before it. Its weights have the names that they have in the language model.
 *
 * @param config of the language model
 */
public record LanguageEncoder(
    @JsonSerialize(using = LanguageConfigJson.Writer.class)
        @JsonDeserialize(using = LanguageConfigJson.Reader.class)
        LanguageConfig config)
    implements TextEncoder {

  @Override
  public int vocabulary() {
    return config.vocabSize();
  }

  @Override
  public int longest() {
    return config.maxPositionEmbeddings();
  }

  @Override
  public int width() {
    return config.hiddenSize();
  }

  @Override
  public List<KernelSource> kernels() {
    List<KernelSource> kernels = new ArrayList<>(DecoderBody.kernels(config));
    kernels.add(KernelSource.of(LanguageEncoder.class, "language.py"));
    return List.copyOf(kernels);
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    DecoderBody body = new DecoderBody(config, "model.", weights::add);
    return new KernelTuple("Encoder")
        .tensor("embedding_VD", body.embedding())
        .part("body", body.layers())
        .part("shape", body.shape());
  }

  /** None that could be counted: a token sees all before it. */
  @Override
  public List<Layer> layers() {
    return List.of();
  }

  @Override
  public int[] sequences(EncoderBatch batch) {
    return TextEncoder.texts(batch).packed().documentStarts();
  }

  @Override
  public void requireFits(EncoderBatch batch) {
    int[] starts = requireTexts(batch).packed().documentStarts();
    for (int i = 1; i < starts.length; i++) {
      Limits.require(
          starts[i] - starts[i - 1] <= longest(),
          "a text has %s tokens, the context of the model %s",
          starts[i] - starts[i - 1],
          longest());
    }
  }
}
