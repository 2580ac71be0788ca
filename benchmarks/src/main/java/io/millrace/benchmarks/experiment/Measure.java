package io.millrace.benchmarks.experiment;

/** What is measured of a trained model. */
enum Measure {
  /** Nats a character over the whole validation part. */
  VALIDATION("validation loss"),
  /** The same with every document alone, whatever the policy of training. */
  ALONE("documents alone"),
  /** Nats a character, mean of the last tenth of the steps. */
  TRAINING("training loss"),
  /**
   * How far the busiest expert of a layer lies above an even load, relative to that (MaxVio, arXiv
   * 2408.15664), mean over layers and the last tenth of the steps.
   */
  VIOLATION("load violation"),
  /** Share of the MTP module's greedy drafts that the main head agrees with. */
  ACCEPTANCE("drafts accepted"),
  /**
   * Tokens a second of training on one thread beside as many other trials as there are processors.
   */
  SPEED("tokens/s");

  private final String title;

  Measure(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
