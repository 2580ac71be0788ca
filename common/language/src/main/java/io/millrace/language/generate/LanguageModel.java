package io.millrace.language.generate;

import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model that continues prompts.
 *
 * <p>Generations of one model may run on several threads, each on one at a time.
 */
public final class LanguageModel implements AutoCloseable {

  private final TensorEngine engine;
  private final Decoder decoder;

  private LanguageModel(TensorEngine engine, Decoder decoder) {
    this.engine = engine;
    this.decoder = decoder;
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static LanguageModel load(TensorEngine engine, Path directory) throws IOException {
    return new LanguageModel(engine, ModelFolder.load(engine, directory));
  }

  /** A model with weights that are in memory already; it closes them. */
  public static LanguageModel of(TensorEngine engine, Decoder decoder) {
    return new LanguageModel(engine, decoder);
  }

  /** Its shape. */
  public LanguageConfig config() {
    return decoder.config();
  }

  /** Prompt and completion together can have so many tokens. */
  public int contextLength() {
    return decoder.config().maxPositionEmbeddings();
  }

  /**
   * Reads a prompt; any token may follow.
   *
   * @param prompt token ids, at least one
   * @param maxTokens how many tokens will be asked for at most; room in the cache
   * @throws IllegalArgumentException if prompt and completion do not fit the context, or a token is
   *     not in the vocabulary
   */
  public Generation start(int[] prompt, int maxTokens, SamplingSettings sampling) {
    return start(new Sequence(prompt, maxTokens, sampling, Constraint.none()));
  }

  /**
   * Reads a sequence.
   *
   * @throws IllegalArgumentException if prompt and completion do not fit the context, or a token is
   *     not in the vocabulary
   */
  public Generation start(Sequence sequence) {
    int length = sequence.promptLength();
    int maxTokens = sequence.maxTokens();
    if (length == 0) {
      throw new IllegalArgumentException("the prompt is empty");
    }
    if (maxTokens < 1 || length + (long) maxTokens > contextLength()) {
      throw new IllegalArgumentException(
          "%d prompt tokens and %d to generate do not fit the context of %d tokens"
              .formatted(length, maxTokens, contextLength()));
    }
    for (int id : sequence.tokens(0, length)) {
      if (id < 0 || id >= config().vocabSize()) {
        throw new IllegalArgumentException(
            "token %d is not in the vocabulary of %d".formatted(id, config().vocabSize()));
      }
    }
    NDManager manager = engine.newManager();
    try {
      return new Generation(sequence, new LatentCache(decoder, manager, length + maxTokens));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
