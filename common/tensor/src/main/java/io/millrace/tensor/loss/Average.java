package io.millrace.tensor.loss;

/** What a metric of classes is of several classes. */
public sealed interface Average {

  /** The mean over the classes that rows are of. */
  record Macro() implements Average {}

  /** All classes counted together: for rows of one label each, F1 is the accuracy then. */
  record Micro() implements Average {}

  /**
   * One class against all others.
   *
   * @param positive the class, from 0
   */
  record Binary(int positive) implements Average {

    public Binary {
      if (positive < 0) {
        throw new IllegalArgumentException("positive is " + positive + "; classes begin at 0");
      }
    }
  }

  /** Its name. */
  default String key() {
    return switch (this) {
      case Macro() -> "macro";
      case Micro() -> "micro";
      case Binary(int _) -> "binary";
    };
  }

  /** The class of a binary metric. */
  default int positiveClass() {
    return switch (this) {
      case Macro(), Micro() -> 0;
      case Binary(int positive) -> positive;
    };
  }
}
