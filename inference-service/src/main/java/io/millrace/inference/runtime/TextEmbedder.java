package io.millrace.inference.runtime;

import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import java.util.List;

/** A model that turns texts into vectors. */
public interface TextEmbedder extends ModelRuntime {

  /** Models that turn texts into vectors. */
  Kind<TextEmbedder> KIND = new Kind<>("language or representation of texts", TextEmbedder.class);

  /** Values of a vector. */
  int width();

  /** Of the model's vocabulary. */
  Tokenizer tokenizer();

  /** Tokens of the longest text that it takes. */
  int longestText();

  /**
   * Vectors of texts.
   *
   * @param texts token ids, at least one each and no more than {@link #longestText}
   * @throws MillraceException INVALID_ARGUMENT if the model cannot pool so, or a text is too short
   */
  List<float[]> vectors(List<int[]> texts, VectorPooling pooling);
}
