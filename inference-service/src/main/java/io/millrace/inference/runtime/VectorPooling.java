package io.millrace.inference.runtime;

/** What makes one vector of those of a text's tokens. */
public enum VectorPooling {
  /** As the model does it by itself. */
  OWN,
  /** Their mean. */
  MEAN,
  /** The last one. */
  LAST
}
