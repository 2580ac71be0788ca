package io.millrace.encoder.encode;

import io.millrace.vision.network.Limits;
import java.nio.IntBuffer;

/** An encoder of tokens. */
public sealed interface TextEncoder extends Encoder permits TokenEncoder, LanguageEncoder {

  /** Number of token ids. */
  int vocabulary();

  /** Most tokens of a text. */
  int longest();

  /**
   * Checks that all tokens are of the vocabulary: an index outside of it would end the process.
   *
   * @return the texts of the batch
   * @throws IllegalArgumentException if a token is not, or the batch holds no texts
   */
  default TokenBatch requireTexts(EncoderBatch batch) {
    TokenBatch texts = texts(batch);
    IntBuffer ids = texts.packed().tokenIds().asIntBuffer();
    for (int i = 0; i < ids.remaining(); i++) {
      int id = ids.get(i);
      Limits.require(
          id >= 0 && id < vocabulary(),
          "token %s is not in the vocabulary of %s",
          id,
          vocabulary());
    }
    return texts;
  }

  /**
   * The texts of a batch.
   *
   * @throws IllegalArgumentException if it holds something else
   */
  static TokenBatch texts(EncoderBatch batch) {
    return switch (batch) {
      case TokenBatch tokens -> tokens;
      case PictureBatch pictures ->
          throw new IllegalArgumentException(
              "this encoder takes texts, the batch holds " + pictures.kind());
    };
  }
}
