package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.train.PackedBatch;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model that continues prompts.
 *
 * <p>Generations of one model may run on several threads, each on one at a time.
 */
public final class LanguageModel implements AutoCloseable {

  /** Of a device, for as long as a model is loaded. */
  private static final long KEPT_BYTES = 256L << 20;

  private final TensorEngine engine;
  private final Decoder decoder;
  private final @Nullable CachePool pool;

  private LanguageModel(TensorEngine engine, Decoder decoder) {
    this.engine = engine;
    this.decoder = decoder;
    this.pool = decoder.poolsCaches() ? new CachePool(engine, decoder, KEPT_BYTES) : null;
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
    LatentCache cache = new LatentCache(memory(length + maxTokens));
    try {
      return new Generation(sequence, cache);
    } catch (RuntimeException e) {
      cache.close();
      throw e;
    }
  }

  private CacheMemory memory(int capacity) {
    return pool == null
        ? new OwnMemory(decoder, engine.newManager(), capacity)
        : new PooledMemory(pool, capacity);
  }

  /**
   * Reads the newest tokens of several generations of this model in one call, for which that is
   * faster than one after the other. Logits are the same but for rounding.
   *
   * @param generations none of which is used by another thread
   */
  public void readTogether(List<Generation> generations) {
    Generation.readTogether(generations);
  }

  /** Whether a device computes, which is the faster the more it is given at once. */
  public boolean isOnDevice() {
    return engine.device().isGpu();
  }

  /**
   * Turns texts into vectors: what the model knows of them behind its last layer.
   *
   * @param texts token ids, at least one each
   * @return a vector of {@code hiddenSize} values for each text
   * @throws IllegalArgumentException if a text does not fit the context
   */
  public List<float[]> vectors(List<int[]> texts, StatePooling pooling) {
    for (int[] text : texts) {
      if (text.length == 0 || text.length > contextLength()) {
        throw new IllegalArgumentException(
            "a text has %d tokens, the context of the model %d"
                .formatted(text.length, contextLength()));
      }
    }
    PackedBatch batch = PackedBatch.of(texts.toArray(int[][]::new));
    try (NDManager scratch = engine.newManager()) {
      NDArray ids =
          scratch.create(
              batch.tokenIds().duplicate().order(batch.tokenIds().order()),
              new Shape(batch.tokens()),
              DataType.INT32);
      long[] starts = Arrays.stream(batch.documentStarts()).asLongStream().toArray();
      float[] values =
          decoder
              .call(
                  scratch,
                  /* recording= */ false,
                  "text_vectors",
                  ids,
                  starts,
                  pooling == StatePooling.LAST)
              .singletonOrThrow()
              .toFloatArray();
      int width = config().hiddenSize();
      return IntStream.range(0, texts.size())
          .mapToObj(i -> Arrays.copyOfRange(values, i * width, (i + 1) * width))
          .toList();
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.close();
    }
    decoder.close();
  }
}
