package io.millrace.contracts;

/**
 * Names of the Kafka topics, all with one prefix so that several installations can share a cluster.
 *
 * @param prefix put before every name as it is, e.g. {@code "team-a."}; may be empty
 */
public record Topics(String prefix) {

  /** Events about datasets, keyed by dataset. */
  public String datasets() {
    return prefix + "datasets";
  }

  /** Events about runs, keyed by run. */
  public String runs() {
    return prefix + "runs";
  }

  /** Published checkpoints, keyed by model; compacted, so a new replica learns the last of each. */
  public String checkpoints() {
    return prefix + "checkpoints";
  }

  /** Which versions are to serve, where a person said so, keyed by model; compacted. */
  public String promotions() {
    return prefix + "promotions";
  }

  /** What inference services made of checkpoints: serving or rejected, keyed by model. */
  public String models() {
    return prefix + "models";
  }

  /** Documents of a dataset as they entered. */
  public String documents(String dataset) {
    return prefix + "documents." + dataset;
  }

  /** Packed sequences of a text dataset. */
  public String sequences(String dataset, Split split) {
    return prefix + "sequences." + dataset + split.suffix();
  }

  /** Prepared samples of an image dataset. */
  public String samples(String dataset, Split split) {
    return prefix + "samples." + dataset + split.suffix();
  }

  /** Prepared rows of a table dataset. */
  public String rows(String dataset, Split split) {
    return prefix + "rows." + dataset + split.suffix();
  }

  /** Where records that could not be processed go, with the reason in their headers. */
  public String deadLetters(String topic) {
    return topic + ".dlt";
  }

  /** Which part of a dataset a topic holds. */
  public enum Split {
    TRAIN(""),
    HELDOUT(".heldout");

    private final String suffix;

    Split(String suffix) {
      this.suffix = suffix;
    }

    String suffix() {
      return suffix;
    }
  }
}
