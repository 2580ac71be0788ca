package io.millrace.inference.swap;

/** What models took outside of the heap and have freed. */
@FunctionalInterface
interface FreedMemory {
  /** Gives it back to the system. */
  void giveBack();
}
