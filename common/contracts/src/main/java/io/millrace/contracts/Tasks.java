package io.millrace.contracts;

import java.util.Collection;
import java.util.List;

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

  /** All of them. */
  public static final List<String> ALL =
      List.of(LANGUAGE, DETECTION, REPRESENTATION, CLASSIFICATION);

  private Tasks() {}

  /**
   * Checks a setting.
   *
   * @throws IllegalArgumentException naming the setting and what is right, for a task that does not
   *     exist
   */
  public static void requireKnown(String setting, Collection<String> tasks) {
    for (String task : tasks) {
      if (!ALL.contains(task)) {
        throw new IllegalArgumentException(
            "%s: there is no task '%s', only %s".formatted(setting, task, String.join(", ", ALL)));
      }
    }
  }
}
