package io.millrace.encoder.classify;

import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A trained classifier.
 *
 * <p>Safe for use by several threads; another one may train a model meanwhile. Must not be closed
 * while in use.
 */
public final class Classifier implements AutoCloseable {

  private final ClassifierNetwork network;

  private Classifier(ClassifierNetwork network) {
    this.network = network;
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much or of the
   *     wrong shape; the message names file and tensor
   */
  public static Classifier load(TensorEngine engine, Path directory) throws IOException {
    return new Classifier(ClassifierNetwork.load(engine, directory));
  }

  /** Its shape and class names. */
  public ClassifierConfig config() {
    return network.config();
  }

  /**
   * Probabilities of the classes, calibrated if the model is, for each input.
   *
   * @throws IllegalArgumentException if the inputs are not such as the model takes
   */
  public double[][] classify(Inputs inputs) {
    float[][] logits = network.logits(network.network(), inputs);
    double[][] probabilities = new double[logits.length][];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = Softmax.of(logits[i], config().temperature());
    }
    return probabilities;
  }

  @Override
  public void close() {
    network.close();
  }
}
