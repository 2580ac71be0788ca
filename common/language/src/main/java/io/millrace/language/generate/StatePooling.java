package io.millrace.language.generate;

/** What makes one vector of the states of a text's tokens. */
public enum StatePooling {
  /** Their mean. */
  MEAN,
  /** The last one, which has seen all others. */
  LAST
}
