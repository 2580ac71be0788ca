package io.millrace.contracts;

/** Names of what models are for, as runs, model versions and events spell them. */
public final class Tasks {
  /** Language models: they continue texts. */
  public static final String LANGUAGE = "language";

  /** Detectors: they find objects in pictures. */
  public static final String DETECTION = "detection";

  /** Encoders learned without labels: they turn texts or pictures into vectors. */
  public static final String REPRESENTATION = "representation";

  /** Classifiers: they choose a class for a text, a picture or a row. */
  public static final String CLASSIFICATION = "classification";

  private Tasks() {}
}
