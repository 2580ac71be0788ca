package io.millrace.training.task;

import io.millrace.training.stream.RecordFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model that learns. For one platform thread, but for the record format, which another thread
 * uses at the same time.
 *
 * @param <R> a record of its dataset
 * @param <B> a batch of them
 */
public interface TrainingTask<R, B> extends AutoCloseable {

  /** How it reads records. */
  RecordFormat<R, B> format();

  /** What a batch counts for in rates: tokens or images. */
  long items(B batch);

  /** How many batches a step learns from. */
  int batches();

  /**
   * One step that learns from batches together, as from one that holds them all.
   *
   * @param batches as many as {@link #batches} says
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  StepResult step(List<B> batches, double learningRate);

  /** Begins an evaluation, which changes nothing. */
  Evaluation<B> evaluate();

  /** Figures of the model by name: parameters, parameters_active, ... */
  Map<String, Double> figures();

  /**
   * Writes all that serving and {@link Start.Resumed} need, as plain files of a directory that
   * exists.
   */
  void save(Path directory) throws IOException;

  @Override
  void close();

  /** Sums over held-out batches. */
  interface Evaluation<B> {
    /** Adds a batch. */
    void add(B batch);

    /** The figures of all batches by name, e.g. {@code heldout_loss}; none without any batch. */
    Map<String, Double> figures();

    /**
     * Writes what is more than figures, for the checkpoint of the same step, as plain files of a
     * directory that has the model's: {@code evaluation.json}, and pictures whose names begin with
     * {@code evaluation-}. Nothing unless a task has more to say.
     */
    default void write(Path directory) throws IOException {}
  }
}
