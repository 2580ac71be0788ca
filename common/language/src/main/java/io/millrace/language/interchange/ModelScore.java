package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.Constraint;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.language.generate.Sequence;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Map;

/** What a model thinks of given tokens, so that anybody can compare implementations. */
public final class ModelScore implements AutoCloseable {

  /** Logits that are copied to Java at a time. */
  private static final int PIECE_VALUES = 1 << 22;

  private final TensorEngine engine;
  private final Decoder decoder;
  private final LanguageModel model;
  private final int[] ids;
  private final NDManager manager;
  private final NDArray logits;

  private ModelScore(TensorEngine engine, Decoder decoder, int[] ids) {
    this.engine = engine;
    this.decoder = decoder;
    this.ids = ids.clone();
    this.model = LanguageModel.of(engine, decoder);
    this.manager = engine.newManager();
    this.logits =
        decoder
            .call(manager, false, "logits", manager.create(ids), new long[] {0, ids.length})
            .getFirst();
  }

  /**
   * Reads the tokens as one document.
   *
   * @param decoder open as long as the score is; the caller closes it
   * @throws IllegalArgumentException if there is no token, one is not in the vocabulary, or they do
   *     not fit the context
   */
  public static ModelScore of(TensorEngine engine, Decoder decoder, int... ids) {
    LanguageConfig config = decoder.config();
    if (ids.length == 0) {
      throw new IllegalArgumentException("there is no token to score");
    }
    if (ids.length > config.maxPositionEmbeddings()) {
      throw new IllegalArgumentException(
          "%d tokens do not fit the model's context of %d"
              .formatted(ids.length, config.maxPositionEmbeddings()));
    }
    for (int id : ids) {
      if (id < 0 || id >= config.vocabSize()) {
        throw new IllegalArgumentException(
            "token %d is not in the vocabulary of %d".formatted(id, config.vocabSize()));
      }
    }
    return new ModelScore(engine, decoder, ids);
  }

  /**
   * Natural logarithm of the probability of each token but the first, given those before it.
   *
   * @throws IllegalArgumentException if a logit is not finite, the last token's included
   */
  public double[] logProbabilities() {
    int vocabulary = decoder.config().vocabSize();
    // All logits may be larger than Java's memory.
    int rows = Math.max(1, PIECE_VALUES / vocabulary);
    double[] found = new double[ids.length - 1];
    for (int first = 0; first < ids.length; first += rows) {
      int end = Math.min(ids.length, first + rows);
      float[] piece = values(first, end);
      for (int t = first; t < end; t++) {
        int from = (t - first) * vocabulary;
        double logSum = logSum(piece, from, vocabulary);
        if (!Double.isFinite(logSum)) {
          throw new IllegalArgumentException(
              "the logits after token %d of %d are not finite; neither are some weights, or they are too large"
                  .formatted(t + 1, ids.length));
        }
        if (t < found.length) {
          found[t] = piece[from + ids[t + 1]] - logSum;
        }
      }
    }
    return found;
  }

  private float[] values(int first, int end) {
    try (NDManager scratch = engine.newManager()) {
      NDArray piece = logits.get(new NDIndex().addSliceDim(first, end));
      piece.attach(scratch);
      return piece.toFloatArray();
    }
  }

  /**
   * The likeliest tokens that follow, one after the other, with the latent cache.
   *
   * @param constraint which tokens may follow
   * @throws IllegalArgumentException if they do not fit the context
   */
  public int[] greedy(int count, Constraint constraint) {
    int[] generated = new int[count];
    if (count == 0) {
      return generated;
    }
    try (Generation generation =
        model.start(new Sequence(ids, count, SamplingSettings.greedy(), constraint))) {
      for (int i = 0; i < count; i++) {
        generated[i] = generation.next();
      }
    }
    return generated;
  }

  /** Writes {@code ids}, int32 [T], and {@code logits}, float32 [T, V], as safetensors. */
  public void writeLogits(Path file) {
    try (NDManager scratch = engine.newManager()) {
      SafetensorsWriter.write(file, Map.of("ids", scratch.create(ids), "logits", logits), Map.of());
    }
  }

  @Override
  public void close() {
    manager.close();
  }

  /** NaN if a value is not finite. */
  private static double logSum(float[] values, int from, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(values[i])) {
        return Double.NaN;
      }
      largest = Math.max(largest, values[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(values[i] - largest);
    }
    return largest + Math.log(sum);
  }
}
