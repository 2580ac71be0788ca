package io.millrace.inference;

/** Metrics of the inference service; the tag {@code model} names the model. */
public enum InferenceMetric {
  /** Timer: from a completion's arrival to its first piece of text. */
  FIRST_TOKEN("millrace.inference.first.token"),
  /** Timer: from one token of a completion to its next. */
  INTER_TOKEN("millrace.inference.inter.token"),
  /** Timer: a whole completion. */
  COMPLETION("millrace.inference.completion"),
  /** Counter: generated tokens. */
  TOKENS("millrace.inference.tokens"),
  /** Counter: completions that nobody waited for any more. */
  CANCELLED("millrace.inference.cancelled"),
  /** Timer: one detection. */
  DETECTION("millrace.inference.detection"),
  /** Timer: a request for vectors. */
  EMBEDDING("millrace.inference.embedding"),
  /** Timer: one classification. */
  CLASSIFICATION("millrace.inference.classification"),
  /** Gauge: steps being computed. */
  RUNNING("millrace.inference.running"),
  /** Gauge: requests that wait for their next step. */
  WAITING("millrace.inference.waiting"),
  /** Timer: verifying, loading and warming a version. */
  LOAD("millrace.inference.load"),
  /** Counter: versions that took over from another. */
  SWAPS("millrace.inference.swaps"),
  /** Counter: versions that were refused. */
  REJECTIONS("millrace.inference.rejections");

  /** Tag with the model's name. */
  public static final String MODEL = "model";

  private final String id;

  InferenceMetric(String id) {
    this.id = id;
  }

  /** Its name in Micrometer. */
  public String id() {
    return id;
  }
}
