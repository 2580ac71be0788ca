package io.millrace.encoder.classify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A classifier that learns, by gradients or by a rule of its own; for one thread at a time. */
public sealed interface ClassifierTraining extends AutoCloseable
    permits ClassifierTrainer, PerceptronTrainer {

  /** The model that learns. */
  ClassifierConfig config();

  /**
   * One step on batches together.
   *
   * @throws IllegalArgumentException if inputs are not such as the model takes, or a class is none
   *     of its own
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  ClassifierStep step(List<ExampleBatch> batches, double learningRate);

  /** Logits by the model as it would be published now: [inputs][classes]. */
  float[][] logits(Inputs inputs);

  /** Values of all weights. */
  long parameters();

  /** Values of those that learn. */
  long learnedParameters();

  /** Writes all that a classifier is loaded from and that the training is resumed with. */
  void save(Path directory) throws IOException;

  @Override
  void close();
}
