package io.millrace.training.task.classification;

import io.millrace.contracts.record.CorruptRecordException;

/** Checks of labels that records carry. */
final class Labels {

  private Labels() {}

  /**
   * Checks that a label is one of so many classes.
   *
   * @param record as messages call it
   * @throws CorruptRecordException if not
   */
  static void require(String record, int label, int classes) {
    if (label < 0 || label >= classes) {
      throw new CorruptRecordException(
          "%s: class %s of %d".formatted(record, Integer.toUnsignedString(label), classes));
    }
  }
}
