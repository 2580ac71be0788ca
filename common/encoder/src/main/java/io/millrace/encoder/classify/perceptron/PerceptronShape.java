package io.millrace.encoder.classify.perceptron;

/**
 * What a perceptron decides on.
 *
 * @param inputs numbers of a row
 * @param classes 2: one unit, whose threshold says which; more: a unit a class, of which the
 *     highest wins (Kesler's construction; Duda, Hart and Stork 2001, section 5.12)
 * @param bias whether a unit learns its threshold; without, its line goes through the origin
 */
public record PerceptronShape(int inputs, int classes, boolean bias) {

  /** Checks that there is something to decide on. */
  public PerceptronShape {
    if (inputs < 1 || classes < 2) {
      throw new IllegalArgumentException(
          "a perceptron needs an input and two classes: %d inputs, %d classes"
              .formatted(inputs, classes));
    }
  }

  int units() {
    return classes == 2 ? 1 : classes;
  }
}
