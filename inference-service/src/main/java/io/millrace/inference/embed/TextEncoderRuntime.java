package io.millrace.inference.embed;

import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.inference.runtime.TextEmbedder;
import io.millrace.inference.runtime.VectorPooling;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Locale;

/**
 * An encoder of texts.
 *
 * @param model for several texts at a time
 * @param tokenizer of the model's vocabulary
 */
record TextEncoderRuntime(EncoderModel model, Tokenizer tokenizer)
    implements EncoderRuntime, TextEmbedder {

  /** It has no context that would end; this is what one step may compute. */
  private static final int LONGEST = 1 << 16;

  private static final int WARM_TOKENS = 64;

  @Override
  public int width() {
    return model.width();
  }

  @Override
  public int longestText() {
    return LONGEST;
  }

  @Override
  public List<float[]> vectors(List<int[]> texts, VectorPooling pooling) {
    if (pooling != VectorPooling.OWN) {
      throw MillraceException.invalid(
          "pooling",
          "pooling is for language models; this encoder learned with %s, leave pooling out"
              .formatted(model.config().pooling().name().toLowerCase(Locale.ROOT)));
    }
    try {
      return model.encode(TokenBatch.of(texts.toArray(int[][]::new)));
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("input", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void warmUp() {
    int[] text = new int[WARM_TOKENS];
    vectors(List.of(text), VectorPooling.OWN);
  }
}
