package io.millrace.tensor.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A task's model and what it learns from a batch. All else of a training is the {@link Trainer}'s:
 * accumulation, clipping, the optimizer, the moving average, saving and resuming.
 *
 * <p>For one thread at a time.
 *
 * @param <B> a batch
 * @param <R> what is reported of a step
 */
public interface Learner<B, R> extends AutoCloseable {

  /** The weights that learn; they belong to the learner. */
  ParameterStore weights();

  /**
   * Begins a step, which may have to count all batches before it can take the gradients of the
   * first: losses are means over all of them, so that the number of batches changes nothing but
   * rounding.
   *
   * @param batches at least one
   * @param step steps made before, for what changes from step to step
   * @throws IllegalArgumentException if a batch does not fit the model
   */
  Step<R> begin(List<B> batches, long step);

  /** Writes what the model is beside its weights: {@code config.json}. The directory exists. */
  void saveConfig(Path directory) throws IOException;

  /**
   * Writes the weights as those who load the model read them; one tensor a parameter, if a learner
   * does not say otherwise.
   *
   * @param averages written in place of the weights of these names; those without are the model's
   *     own
   */
  default void writeWeights(Path file, Map<String, NDArray> averages) throws IOException {
    PlainWeights.write(file, weights(), averages);
  }

  /**
   * Reads back the learned weights of what {@link #writeWeights} wrote.
   *
   * @param learned overwritten; unchanged if a tensor does not fit
   * @throws IOException if a tensor is missing, too much, or of the wrong shape; the message names
   *     file and tensor
   */
  default void readLearned(Path file, FlatTensors learned) throws IOException {
    PlainWeights.readLearned(file, weights(), learned);
  }

  /**
   * What the learner has to know again when its training is resumed, such as a seed, and what must
   * not change then: stored with the optimizer's state.
   */
  default Map<String, String> settings() {
    return Map.of();
  }

  /**
   * Checks that a training can be resumed with this learner.
   *
   * @param saved what {@link #settings()} was when the training was saved, or less
   * @throws IllegalArgumentException if not
   */
  default void requireResumable(Map<String, String> saved) {}

  @Override
  void close();

  /**
   * A step under way, closed by the trainer whether it ends or fails.
   *
   * @param <R> what is reported of it
   */
  interface Step<R> extends AutoCloseable {

    /**
     * Whether the first batch's gradients take the place of whatever is there, all of it, so that
     * nobody has to write zeros before.
     */
    default boolean overwrites() {
      return false;
    }

    /**
     * Adds a batch's gradients to those of the batches before it; the first one's to zeros, unless
     * the step {@link #overwrites}.
     *
     * @param batch its place in the list, from 0; each is asked for once, in order
     * @param results owns what is returned
     * @param gradients laid out as the learned weights; float32
     * @return the batch's share of losses and counts: tensors of the same shapes for every batch,
     *     which the trainer adds up
     */
    NDList addGradients(int batch, NDManager results, FlatTensors gradients);

    /**
     * Ends the step after the optimizer has moved the learned weights: the place to move what is
     * not learned by gradient.
     *
     * @param sums what the batches gave, added up
     * @param gradientNorm global norm before clipping
     */
    R end(NDManager scratch, NDList sums, double gradientNorm);

    /** Frees what the step has kept for its batches, if anything. */
    @Override
    default void close() {}
  }
}
