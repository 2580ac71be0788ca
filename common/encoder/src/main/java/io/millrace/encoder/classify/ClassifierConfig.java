package io.millrace.encoder.classify;

import io.millrace.vision.network.Limits;
import java.util.HashSet;
import java.util.List;

/**
 * A classifier as the parts it is composed of; {@code config.json} in a model folder.
 *
 * @param architecture always {@value #ARCHITECTURE}
 * @param classes their names in the order of their index
 * @param input what it is given, with the encoder if there is one
 * @param head what finds the class
 * @param temperature by which logits are divided before they are made probabilities; 1 unless
 *     calibrated (Guo et al. 2017, arXiv 1706.04599, section 4.2)
 */
public record ClassifierConfig(
    String architecture,
    List<String> classes,
    ClassifierInput input,
    ClassifierHead head,
    double temperature) {

  /** What all classifiers name. */
  public static final String ARCHITECTURE = "classifier";

  private static final int MAX_CLASSES = 1000;

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException which says what does not, and why
   */
  public ClassifierConfig {
    classes = List.copyOf(classes);
    Limits.require(
        architecture.equals(ARCHITECTURE),
        "architecture is %s, only %s is known",
        architecture,
        ARCHITECTURE);
    Limits.require(
        classes.size() >= 2 && classes.size() <= MAX_CLASSES,
        "there are %s classes; 2 to %s can be told apart",
        classes.size(),
        MAX_CLASSES);
    Limits.require(
        new HashSet<>(classes).size() == classes.size(), "a class is named twice: %s", classes);
    Limits.require(
        temperature > 0 && Double.isFinite(temperature),
        "a temperature of %s is not above 0",
        temperature);
  }

  /** A classifier that is not calibrated. */
  public static ClassifierConfig of(
      List<String> classes, ClassifierInput input, ClassifierHead head) {
    return new ClassifierConfig(ARCHITECTURE, classes, input, head, /* temperature= */ 1);
  }

  /** The same with another temperature. */
  public ClassifierConfig withTemperature(double other) {
    return new ClassifierConfig(architecture, classes, input, head, other);
  }
}
