package io.millrace.training.task.classification;

import io.millrace.encoder.classify.ClassWeights;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.encode.Pooling;
import io.millrace.input.PlainNumber;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.training.task.SharedOptions;
import io.millrace.training.task.WrittenList;
import io.millrace.training.task.WrittenLoss;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * How a classifier learns, as clients spell it; {@code ClassificationOptions} of the protobuf
 * contract has fields of the same names.
 *
 * @param accumulation batches whose gradients are added up for a step; 0: 1
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param loss see {@link LossPlan#read}; empty: cross entropy
 * @param classWeights how much an example of each class counts, in their order, with commas;
 *     balanced: each class of a step as much as another; empty: all alike
 * @param encoder published encoder to begin with, with its version, like cells-cpc@3; empty: none
 * @param pooling what is made of a language model's states: {@code mean}, or {@code last} for the
 *     state of a document's last token; empty: the mean of a language model's, and what another
 *     encoder learned with
 * @param hidden widths of the head's hidden layers, with commas; empty: as the preset has them
 * @param activation after each hidden layer; empty: relu
 * @param dropout probability that a hidden number is left out
 * @param bias on or off for each layer of the head, with commas, or once for all; empty: on
 * @param weightDecay of matrices, per unit of learning rate
 * @param calibrate whether the temperature that suits the held-out examples best is published
 */
record ClassificationOptions(
    int accumulation,
    double emaDecay,
    @JsonDeserialize(using = WrittenLoss.class) String loss,
    @JsonDeserialize(using = WrittenList.class) String classWeights,
    String encoder,
    String pooling,
    @JsonDeserialize(using = WrittenList.class) String hidden,
    String activation,
    double dropout,
    @JsonDeserialize(using = WrittenList.class) String bias,
    double weightDecay,
    boolean calibrate) {

  private static final String CROSS_ENTROPY = "cross_entropy";
  private static final String RELU = "relu";
  private static final String ON = "on";
  private static final String MEAN = "mean";
  private static final String LAST = "last";
  private static final String BALANCED = "balanced";
  private static final double WEIGHT_DECAY = 0.01;

  /** What a run has that asks for none of these. */
  static final ClassificationOptions STANDARD =
      new ClassificationOptions(
          1, 0, CROSS_ENTROPY, "", "", "", "", RELU, 0, ON, WEIGHT_DECAY, /* calibrate= */ true);

  /**
   * Checks the options, and puts in what 0 and empty stand for.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  ClassificationOptions {
    accumulation = SharedOptions.accumulation(accumulation);
    emaDecay = SharedOptions.emaDecay(emaDecay);
    loss = loss.isEmpty() ? CROSS_ENTROPY : read("loss", loss, LossPlan::read).text();
    ClassWeights unusedWeights = weights(classWeights);
    requireEncoder(encoder);
    requirePooling(pooling, encoder);
    List<Integer> unusedWidths = widths(hidden);
    activation = activation.isEmpty() ? RELU : read("activation", activation, Activation::of).key();
    if (!(dropout >= 0 && dropout < 1)) {
      throw MillraceException.invalid(
          "dropout", "dropout must be at least 0 and below 1; it is " + dropout);
    }
    bias = bias.isEmpty() ? ON : bias;
    List<Boolean> unusedSwitches = switches(bias);
    if (!(weightDecay >= 0 && weightDecay <= 10)) {
      throw MillraceException.invalid(
          "weight_decay", "weight_decay must be 0 to 10; it is " + weightDecay);
    }
  }

  private static void requireEncoder(String encoder) {
    int at = encoder.indexOf('@');
    boolean named = at > 0 && Names.isName(encoder.substring(0, at));
    if (!encoder.isEmpty() && !(named && encoder.substring(at + 1).matches("[1-9][0-9]{0,8}"))) {
      throw MillraceException.invalid(
          "encoder",
          "encoder must be a published model with its version, like cells-cpc@3, so that a run can be repeated; it is '%s'"
              .formatted(encoder));
    }
  }

  private static void requirePooling(String pooling, String encoder) {
    if (!List.of("", MEAN, LAST).contains(pooling)) {
      throw MillraceException.invalid(
          "pooling", "pooling must be mean or last, it is '%s'".formatted(pooling));
    }
    if (!pooling.isEmpty() && encoder.isEmpty()) {
      throw MillraceException.invalid(
          "pooling",
          "pooling is of the states of a language model: name one with its version as encoder, or leave pooling out");
    }
  }

  /** What is made of a language model's states. */
  Pooling pooled() {
    return pooling.equals(LAST) ? Pooling.CONTEXT_LAST : Pooling.ENCODER_MEAN;
  }

  private static <T> T read(String field, String text, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(field, field + ": " + e.getMessage());
    }
  }

  private static ClassWeights weights(String text) {
    if (text.equals(BALANCED)) {
      return new ClassWeights.Balanced();
    }
    List<Double> weights =
        WrittenList.read("class_weights", text, "1,11.2,11.5, or balanced", PlainNumber::decimal);
    if (weights.stream().anyMatch(one -> !(one > 0) || Double.isInfinite(one))) {
      throw MillraceException.invalid(
          "class_weights", "class_weights must be above 0; they are " + text);
    }
    return new ClassWeights.Given(weights);
  }

  private static List<Integer> widths(String text) {
    return WrittenList.read("hidden", text, "64,32", PlainNumber::whole);
  }

  private static List<Boolean> switches(String text) {
    return WrittenList.read(
        "bias",
        text,
        "on or on,off,on",
        word ->
            switch (word) {
              case "on" -> true;
              case "off" -> false;
              default -> throw new IllegalArgumentException(word);
            });
  }

  /** Widths of the hidden layers; none: as the preset has them. */
  List<Integer> hiddenWidths() {
    return widths(hidden);
  }

  /** The hidden layers' activation. */
  Activation function() {
    return Activation.of(activation);
  }

  /**
   * Whether each layer of a head has a bias.
   *
   * @throws MillraceException INVALID_ARGUMENT if it has another number of layers
   */
  List<Boolean> biases(int layers) {
    List<Boolean> switches = switches(bias);
    if (switches.size() != 1 && switches.size() != layers) {
      throw MillraceException.invalid(
          "bias",
          "bias must be on or off once, or for each of the head's %d layers; it is '%s'"
              .formatted(layers, bias));
    }
    return IntStream.range(0, layers)
        .mapToObj(i -> switches.get(switches.size() == 1 ? 0 : i))
        .toList();
  }

  /**
   * How it learns.
   *
   * @param steps of the run
   * @throws MillraceException INVALID_ARGUMENT if a loss has no step
   */
  ClassifierTrainingSettings settings(long steps) {
    try {
      return new ClassifierTrainingSettings(
          ClassifierTrainingSettings.optimizer(weightDecay),
          LossPlan.read(loss),
          steps,
          weights(classWeights),
          emaDecay);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("loss", "loss: " + e.getMessage());
    }
  }

  /**
   * Checks that nothing is asked for that the perceptron's own rule of learning does not have.
   *
   * @throws MillraceException INVALID_ARGUMENT naming it
   */
  void requireRuleAlone() {
    String message = "a perceptron learns by a rule of its own, without %s: leave it out";
    requireNone("loss", loss.equals(CROSS_ENTROPY), message);
    requireNone("class_weights", classWeights.isEmpty(), message);
    requireNone("hidden", hidden.isEmpty(), message);
    requireNone("activation", activation.equals(RELU), message);
    requireNone("dropout", dropout == 0, message);
    requireNone("ema_decay", emaDecay == 0, message);
    requireNone("weight_decay", weightDecay == WEIGHT_DECAY, message);
  }

  /**
   * Checks that nothing is asked for that only hidden layers have.
   *
   * @throws MillraceException INVALID_ARGUMENT naming it
   */
  void requireNoHiddenLayers() {
    String message = "%s is of hidden layers, and there are none: leave it out, or ask for hidden";
    requireNone("activation", activation.equals(RELU), message);
    requireNone("dropout", dropout == 0, message);
  }

  /**
   * Checks that no encoder is asked for.
   *
   * @param owner what has one already
   * @throws MillraceException INVALID_ARGUMENT if one is
   */
  void requireNoEncoder(String owner) {
    requireNone("encoder", encoder.isEmpty(), asItIs(owner));
  }

  /**
   * Checks that no other head is asked for than one that is there.
   *
   * @param owner what has it: a model, or a preset of the installation
   * @throws MillraceException INVALID_ARGUMENT naming what is asked for
   */
  void requireHead(ClassifierHead head, String owner) {
    String message = asItIs(owner);
    requireNone("hidden", hidden.isEmpty(), message);
    requireNone("activation", activation.equals(RELU), message);
    requireNone("dropout", dropout == 0, message);
    requireNone("bias", bias.equals(ON), message);
    if (head instanceof ClassifierHead.Perceptron) {
      requireRuleAlone();
    }
  }

  private static String asItIs(String owner) {
    return "%s is for a classifier that is made anew; " + owner + " is taken as it is";
  }

  private static void requireNone(String field, boolean none, String message) {
    if (!none) {
      throw MillraceException.invalid(field, message.formatted(field));
    }
  }

  /**
   * Checks that weights and losses are of some classes.
   *
   * @throws MillraceException INVALID_ARGUMENT if there is another number of weights, or a loss of
   *     a class that is none
   */
  void requireClasses(List<String> classes) {
    LossPlan unused =
        read(
            "loss",
            loss,
            text -> {
              LossPlan plan = LossPlan.read(text);
              plan.requireClasses(classes.size());
              return plan;
            });
    if (weights(classWeights) instanceof ClassWeights.Given(List<Double> given)
        && !given.isEmpty()
        && given.size() != classes.size()) {
      throw MillraceException.invalid(
          "class_weights",
          "class_weights has %d numbers, the dataset has %d classes: %s"
              .formatted(given.size(), classes.size(), classes));
    }
  }
}
