package io.millrace.inference.runtime;

import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;

/**
 * A language model and its tokenizer.
 *
 * @param model for several generations at a time
 * @param tokenizer of the model's vocabulary
 */
public record LanguageRuntime(LanguageModel model, Tokenizer tokenizer) implements ModelRuntime {

  private static final int WARM_TOKENS = 3;

  /**
   * Token ids of a prompt.
   *
   * @param field how the client spells it, for errors
   * @throws MillraceException CONTEXT_LENGTH_EXCEEDED, before anything is encoded, if it is so long
   *     that it cannot fit the context
   */
  public int[] encodePrompt(String field, String text) {
    requireCanFit(field, text.length());
    return tokenizer.encodePrompt(text);
  }

  /**
   * Looks at the length alone.
   *
   * @param characters of all texts of the prompt
   * @throws MillraceException CONTEXT_LENGTH_EXCEEDED if so many cannot fit the context
   */
  public void requireCanFit(String field, long characters) {
    long most = (long) model.contextLength() * tokenizer.longestToken();
    if (characters > most) {
      throw new MillraceException(
          ErrorCode.CONTEXT_LENGTH_EXCEEDED,
          "the prompt has %d characters, more than %d can never fit; the model's context is %d"
              .formatted(characters, most, model.contextLength()),
          field,
          null);
    }
  }

  @Override
  public void warmUp() {
    int[] prompt = {tokenizer.endOfDocument()};
    try (Generation generation = model.start(prompt, WARM_TOKENS, SamplingSettings.greedy())) {
      for (int i = 0; i < WARM_TOKENS; i++) {
        generation.next();
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
