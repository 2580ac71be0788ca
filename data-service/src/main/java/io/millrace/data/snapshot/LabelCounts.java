package io.millrace.data.snapshot;

import io.millrace.contracts.Topics.Split;
import java.util.ArrayList;
import java.util.List;

/** How many examples each class has in the splits of a snapshot. */
final class LabelCounts {
  private static final int MOST_NAMED = 10;

  private final List<String> classes;
  private final long[] train;
  private final long[] heldout;
  private long labelled;
  private long unlabelled;

  LabelCounts(List<String> classes) {
    this.classes = classes;
    this.train = new long[classes.size()];
    this.heldout = new long[classes.size()];
  }

  /** Counts an example of a class. */
  void add(Split split, int label) {
    switch (split) {
      case TRAIN -> train[label]++;
      case HELDOUT -> heldout[label]++;
    }
    labelled++;
  }

  /** Counts an example without a label. */
  void addUnlabelled() {
    unlabelled++;
  }

  /** Whether there are classes and examples, of which none has a label. */
  boolean areMissing() {
    return !classes.isEmpty() && labelled == 0 && unlabelled > 0;
  }

  /** What whoever learns to tell the classes apart should know; nothing if there are no labels. */
  List<String> warnings() {
    if (labelled == 0) {
      return List.of();
    }
    List<String> warnings = new ArrayList<>();
    if (unlabelled > 0) {
      warnings.add(
          "%d of %d pictures have no label: task classification does not learn from them"
              .formatted(unlabelled, labelled + unlabelled));
    }
    warn(warnings, "no example", (learned, held) -> learned + held == 0);
    warn(warnings, "one example alone", (learned, held) -> learned + held == 1);
    warn(
        warnings,
        "held-out examples alone, so that it is not learned",
        (learned, held) -> learned == 0 && held > 1);
    return warnings;
  }

  private void warn(List<String> warnings, String fault, Condition condition) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      if (condition.holds(train[i], heldout[i])) {
        found.add(classes.get(i));
      }
    }
    found.stream()
        .limit(MOST_NAMED)
        .map(name -> "class '%s' has %s".formatted(name, fault))
        .forEach(warnings::add);
    if (found.size() > MOST_NAMED) {
      warnings.add("%d more classes have %s".formatted(found.size() - MOST_NAMED, fault));
    }
  }

  /** Of the numbers of a class's examples. */
  @FunctionalInterface
  private interface Condition {
    boolean holds(long learned, long held);
  }
}
