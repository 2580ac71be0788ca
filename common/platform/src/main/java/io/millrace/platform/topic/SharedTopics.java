package io.millrace.platform.topic;

import io.millrace.contracts.Topics;
import io.millrace.platform.kafka.TopicSpec;
import java.util.List;

/**
 * The topics that services tell each other on, as each of them makes those that it uses. Those of a
 * dataset are made with it.
 *
 * @param datasets snapshots that were sealed
 * @param runs how runs change
 * @param checkpoints published checkpoints
 * @param checkpointLetters checkpoints that inference services could not make sense of
 * @param promotions which versions are to serve, where people say so
 * @param models what inference services made of checkpoints
 */
public record SharedTopics(
    TopicSpec datasets,
    TopicSpec runs,
    TopicSpec checkpoints,
    TopicSpec checkpointLetters,
    TopicSpec promotions,
    TopicSpec models) {

  /** With the prefix of an installation. */
  public static SharedTopics of(Topics topics) {
    return new SharedTopics(
        TopicSpec.keeping(topics.datasets(), 1),
        TopicSpec.compacted(topics.runs(), 1),
        TopicSpec.compacted(topics.checkpoints(), 1),
        TopicSpec.compacted(topics.deadLetters(topics.checkpoints()), 1),
        TopicSpec.compacted(topics.promotions(), 1),
        TopicSpec.compacted(topics.models(), 1));
  }

  /** All of them. */
  public List<TopicSpec> all() {
    return List.of(datasets, runs, checkpoints, checkpointLetters, promotions, models);
  }
}
