package io.millrace.encoder.classify;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/** What turns features into a number a class. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ClassifierHead.Linear.class, name = "linear"),
  @JsonSubTypes.Type(value = ClassifierHead.Mlp.class, name = "mlp"),
  @JsonSubTypes.Type(value = ClassifierHead.Perceptron.class, name = "perceptron")
})
public sealed interface ClassifierHead {

  /** The kernel files that define it. */
  List<KernelSource> kernels();

  /**
   * Describes its weights.
   *
   * @param width numbers of a feature
   * @return its Head
   */
  KernelTuple tuple(NetworkWeights weights, int width, int classes);

  /** Probability that a hidden number is left out while learning. */
  double dropout();

  /**
   * One layer: on features of a frozen encoder a linear probe, on rows a logistic regression.
   *
   * @param bias whether its results have a bias
   */
  record Linear(boolean bias) implements ClassifierHead {

    @Override
    public List<KernelSource> kernels() {
      return HeadLayers.kernels(Activation.RELU);
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights, int width, int classes) {
      return new HeadLayers(weights, Activation.RELU).head(List.of(), width, classes, bias, 0);
    }

    @Override
    public double dropout() {
      return 0;
    }
  }

  /**
   * One layer that was learned by the perceptron's rule, not by gradients: see {@link
   * PerceptronTrainer}.
   *
   * @param bias whether a unit learns its threshold; the layer has biases in any case
   */
  record Perceptron(boolean bias) implements ClassifierHead {

    @Override
    public List<KernelSource> kernels() {
      return HeadLayers.kernels(Activation.RELU);
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights, int width, int classes) {
      return new HeadLayers(weights, Activation.RELU)
          .head(List.of(), width, classes, /* bias= */ true, /* dropout= */ 0);
    }

    @Override
    public double dropout() {
      return 0;
    }
  }

  /**
   * A hidden layer.
   *
   * @param width numbers that it gives
   * @param bias whether they have a bias
   */
  record Layer(int width, boolean bias) {

    static final int MAX_WIDTH = 16_384;

    public Layer {
      Limits.require(
          width >= 1 && width <= MAX_WIDTH,
          "a hidden layer of %s numbers; it must have 1 to %s",
          width,
          MAX_WIDTH);
    }
  }

  /**
   * A multilayer perceptron.
   *
   * @param layers the hidden ones, the first first
   * @param activation after each of them
   * @param dropout probability that a hidden number is left out while learning
   * @param bias whether the last layer has a bias
   */
  record Mlp(List<Layer> layers, Activation activation, double dropout, boolean bias)
      implements ClassifierHead {

    static final int MAX_LAYERS = 32;

    /**
     * Checks the layers.
     *
     * @throws IllegalArgumentException if there are none or too many, or no gradient passes them
     */
    public Mlp {
      layers = List.copyOf(layers);
      Limits.require(
          !layers.isEmpty() && layers.size() <= MAX_LAYERS,
          "an mlp of %s hidden layers; it must have 1 to %s",
          layers.size(),
          MAX_LAYERS);
      Limits.require(
          activation != Activation.STEP,
          "with the activation %s no gradient reaches a layer before it",
          activation.key());
      Limits.require(dropout >= 0 && dropout < 1, "a dropout of %s is not 0 to below 1", dropout);
    }

    @Override
    public List<KernelSource> kernels() {
      return HeadLayers.kernels(activation);
    }

    @Override
    public KernelTuple tuple(NetworkWeights weights, int width, int classes) {
      return new HeadLayers(weights, activation).head(layers, width, classes, bias, dropout);
    }
  }
}
