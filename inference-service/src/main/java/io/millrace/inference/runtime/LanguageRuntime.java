package io.millrace.inference.runtime;

import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.tokenize.Tokenizer;

/**
 * A language model and its tokenizer.
 *
 * @param model for several generations at a time
 * @param tokenizer of the model's vocabulary
 */
public record LanguageRuntime(LanguageModel model, Tokenizer tokenizer) implements ModelRuntime {

  private static final int WARM_TOKENS = 3;

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
