package io.millrace.data.log;

import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import java.util.List;

/**
 * Names that belong to one dataset in Kafka.
 *
 * @param documents where documents enter
 * @param train records to learn from
 * @param heldout records to evaluate on
 * @param deadLetters documents that were rejected
 * @param group consumer group of the preparation, without the topic prefix
 * @param fullGroup the same as Kafka knows it
 */
public record DatasetTopics(
    String documents,
    String train,
    String heldout,
    String deadLetters,
    String group,
    String fullGroup) {

  /** The names of a dataset. */
  public static DatasetTopics of(Topics topics, DatasetEntry dataset) {
    String name = dataset.name();
    String documents = topics.documents(name);
    String group = "prepare." + name;
    return new DatasetTopics(
        documents,
        prepared(topics, dataset, Split.TRAIN),
        prepared(topics, dataset, Split.HELDOUT),
        topics.deadLetters(documents),
        group,
        topics.prefix() + group);
  }

  /** All topics. */
  public List<String> all() {
    return List.of(documents, train, heldout, deadLetters);
  }

  /** The topic of a split. */
  public String of(Split split) {
    return switch (split) {
      case TRAIN -> train;
      case HELDOUT -> heldout;
    };
  }

  /** Consumer group, and id of the transactions, of the replay, without the topic prefix. */
  public String replayGroup() {
    return "replay." + group;
  }

  /** Id of the transactions of one partition, without the topic prefix: one writer at a time. */
  public String transactionalId(int partition) {
    return group + "." + partition;
  }

  private static String prepared(Topics topics, DatasetEntry dataset, Split split) {
    return switch (dataset.content()) {
      case Content.Text text -> topics.sequences(dataset.name(), split);
      case Content.Pictures pictures -> topics.samples(dataset.name(), split);
      case Content.Rows rows -> topics.rows(dataset.name(), split);
    };
  }
}
