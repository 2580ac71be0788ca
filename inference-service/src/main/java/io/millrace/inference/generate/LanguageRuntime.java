package io.millrace.inference.generate;

import io.millrace.contracts.Tasks;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.TextEmbedder;
import io.millrace.inference.runtime.VectorPooling;
import io.millrace.language.generate.Constraint;
import io.millrace.language.generate.DecodeLoop;
import io.millrace.language.generate.Drafting;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.generate.Sequence;
import io.millrace.language.generate.StatePooling;
import io.millrace.language.generate.VocabularyMask;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.List;

/**
 * A language model, its tokenizer and the loop that continues its sequences.
 *
 * @param model for several generations at a time
 * @param tokenizer of the model's vocabulary
 * @param loop of all sequences of the model
 * @param vocabulary rules out ids that the tokenizer has no token for
 */
public record LanguageRuntime(
    LanguageModel model, Tokenizer tokenizer, DecodeLoop loop, Constraint vocabulary)
    implements TextEmbedder {

  /** Models that continue prompts. */
  public static final Kind<LanguageRuntime> KIND =
      new Kind<>(Tasks.LANGUAGE, LanguageRuntime.class);

  private static final int WARM_TOKENS = 3;

  /**
   * A runtime that nothing runs in yet.
   *
   * @param streams steps that are computed side by side; a device takes one at a time
   * @param together sequences that are continued in one step at most
   */
  static LanguageRuntime of(LanguageModel model, Tokenizer tokenizer, int streams, int together) {
    int lanes = model.isOnDevice() ? 1 : streams;
    return new LanguageRuntime(
        model,
        tokenizer,
        new DecodeLoop(model, Drafting.none(), lanes, together),
        VocabularyMask.of(tokenizer, model.config().vocabSize()));
  }

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
  public int width() {
    return model.config().hiddenSize();
  }

  @Override
  public int longestText() {
    return model.contextLength();
  }

  /** By itself a language model takes the mean of all states. */
  @Override
  public List<float[]> vectors(List<int[]> texts, VectorPooling pooling) {
    return model.vectors(
        texts,
        switch (pooling) {
          case OWN, MEAN -> StatePooling.MEAN;
          case LAST -> StatePooling.LAST;
        });
  }

  @Override
  public void warmUp() {
    int[] prompt = {tokenizer.endOfDocument()};
    Sequence sequence = new Sequence(prompt, WARM_TOKENS, SamplingSettings.greedy(), vocabulary);
    try (Generation generation = model.start(sequence)) {
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
