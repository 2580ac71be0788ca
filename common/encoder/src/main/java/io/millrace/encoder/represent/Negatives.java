package io.millrace.encoder.represent;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which places may be negatives of one that follows (arXiv 1807.03748, table 2). */
public enum Negatives {
  /** Of the batch's documents, its own among them. */
  MIXED(true, true),
  /** Of its own document alone: what tells documents apart is no help then. */
  SAME(true, false),
  /** Of other documents alone. */
  OTHER(false, true);

  private final boolean own;
  private final boolean others;

  Negatives(boolean own, boolean others) {
    this.own = own;
    this.others = others;
  }

  /** Whether they may be of the document itself. */
  boolean own() {
    return own;
  }

  /** Whether they may be of others. */
  boolean others() {
    return others;
  }

  /** The name that is written. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Those of a name.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Negatives of(String key) {
    return Arrays.stream(values())
        .filter(one -> one.key().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "negatives must be one of %s; it is '%s'"
                    .formatted(
                        Arrays.stream(values())
                            .map(Negatives::key)
                            .collect(Collectors.joining(", ")),
                        key)));
  }
}
