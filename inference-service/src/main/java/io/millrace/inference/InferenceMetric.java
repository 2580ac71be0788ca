package io.millrace.inference;

import io.millrace.platform.metric.Metric;

/** The metrics of the inference service. */
public enum InferenceMetric implements Metric {
  /** The first token. */
  FIRST_TOKEN(
      Spec.timer(
          "millrace.inference.first.token",
          "From a completion's arrival to its first piece of text; with buckets.",
          InferenceMetric.MODEL)),
  /** The next token. */
  INTER_TOKEN(
      Spec.timer(
          "millrace.inference.inter.token",
          "From one token of a completion to its next; with buckets.",
          InferenceMetric.MODEL)),
  /** A completion. */
  COMPLETION(
      Spec.timer(
          "millrace.inference.completion",
          "A whole completion; with buckets.",
          InferenceMetric.MODEL)),
  /** Tokens. */
  TOKENS(
      Spec.counter(
          "millrace.inference.tokens", "tokens", "Generated tokens.", InferenceMetric.MODEL)),
  /** Completions for nobody. */
  CANCELLED(
      Spec.counter(
          "millrace.inference.cancelled",
          "completions",
          "Completions that nobody waited for any more.",
          InferenceMetric.MODEL)),
  /** A detection. */
  DETECTION(Spec.timer("millrace.inference.detection", "One detection.", InferenceMetric.MODEL)),
  /** Vectors. */
  EMBEDDING(
      Spec.timer("millrace.inference.embedding", "A request for vectors.", InferenceMetric.MODEL)),
  /** A classification. */
  CLASSIFICATION(
      Spec.timer(
          "millrace.inference.classification", "One classification.", InferenceMetric.MODEL)),
  /** Requests in flight. */
  REQUESTS(
      Spec.gauge(
          "millrace.inference.requests.in.flight",
          "requests",
          "Requests that have a place: those that compute and those that wait for their turn.")),
  /** Places. */
  PLACES(
      Spec.gauge(
          "millrace.inference.requests.limit",
          "requests",
          "Places for requests, millrace.inference.streams + millrace.inference.queue; what comes when none is left is refused.")),
  /** Requests without a place. */
  OVERLOADED(
      Spec.counter(
          "millrace.inference.requests.overloaded",
          "requests",
          "Requests that were refused because no place was left.")),
  /** Steps in hand. */
  RUNNING(Spec.gauge("millrace.inference.running", "steps", "Steps being computed.")),
  /** Steps to come. */
  WAITING(Spec.gauge("millrace.inference.waiting", "steps", "Steps that wait for a thread.")),
  /** Loading a version. */
  LOAD(
      Spec.timer(
          "millrace.inference.load",
          "Verifying, loading and warming a version.",
          InferenceMetric.MODEL)),
  /** Swaps. */
  SWAPS(
      Spec.counter(
          "millrace.inference.swaps",
          "versions",
          "Versions that took over from another.",
          InferenceMetric.MODEL)),
  /** Refusals. */
  REJECTIONS(
      Spec.counter(
          "millrace.inference.rejections",
          "versions",
          "Versions that were refused; the one before keeps serving.",
          InferenceMetric.MODEL));

  /** Tag with the model's name. */
  public static final String MODEL = "model";

  private final Spec spec;

  InferenceMetric(Spec spec) {
    this.spec = spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }
}
