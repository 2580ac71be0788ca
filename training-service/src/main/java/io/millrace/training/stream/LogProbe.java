package io.millrace.training.stream;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a cluster that does not answer now from topics or offsets that are gone, which a consumer
 * that polls does not notice by itself.
 */
final class LogProbe {
  private static final Logger LOG = LoggerFactory.getLogger(LogProbe.class);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(15);
  private static final Duration ASK_AGAIN_SOON = Duration.ofSeconds(1);

  /** A broker that has just started may not know its topics yet. */
  private static final Duration UNKNOWN_AT_MOST = Duration.ofSeconds(5);

  private final String dataset;
  private final List<Lane> lanes;
  private final KafkaClients kafka;
  private final Consumer<byte[], byte[]> consumer;
  private final Repeated warnings = new Repeated(LOG);
  private @Nullable Long unknownSince;
  private boolean readBefore;

  LogProbe(
      String dataset, List<Lane> lanes, KafkaClients kafka, Consumer<byte[], byte[]> consumer) {
    this.dataset = dataset;
    this.lanes = lanes;
    this.kafka = kafka;
    this.consumer = consumer;
  }

  /**
   * Asks the cluster for the log's beginning and end. A cluster that once let them be read and does
   * so no more may do so again: only the first refusal ends the stream.
   *
   * @return when to ask again if no record comes
   * @throws StreamException if what the snapshot needs is not there
   */
  Duration ask() {
    try {
      for (String topic : lanes.stream().map(Lane::topic).distinct().toList()) {
        kafka.partitions(topic);
      }
      requireOffsets();
      readBefore = true;
    } catch (UnknownTopicOrPartitionException e) {
      return unknown(e);
    } catch (RetriableException e) {
      warnings.warn("Kafka does not answer, waiting: " + e.getMessage());
    } catch (MillraceException e) {
      if (e.code() != ErrorCode.UNAVAILABLE && !readBefore) {
        throw e;
      }
      warnings.warn(e.getMessage() + ", waiting");
    } catch (AuthorizationException | AuthenticationException e) {
      if (!readBefore) {
        throw cannotRead(e);
      }
      warnings.warn(cannotRead(e).getMessage() + ", waiting");
    } catch (KafkaException e) {
      throw cannotRead(e);
    }
    unknownSince = null;
    return ASK_AGAIN;
  }

  private Duration unknown(UnknownTopicOrPartitionException reason) {
    long now = System.nanoTime();
    Long since = unknownSince;
    if (since == null) {
      unknownSince = now;
    } else if (now - since > UNKNOWN_AT_MOST.toNanos()) {
      throw cannotRead(reason);
    }
    return ASK_AGAIN_SOON;
  }

  private void requireOffsets() {
    List<TopicPartition> partitions =
        lanes.stream().map(lane -> new TopicPartition(lane.topic(), lane.partition())).toList();
    var begins = consumer.beginningOffsets(partitions);
    var ends = consumer.endOffsets(partitions);
    for (int i = 0; i < lanes.size(); i++) {
      TopicPartition partition = partitions.get(i);
      long begin = begins.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, 0L);
      Range first = lanes.get(i).ranges().getFirst();
      Range last = lanes.get(i).ranges().getLast();
      // A snapshot may end behind the last transaction's marker, where no record is.
      if (begin > first.begin() || end < last.end()) {
        throw new StreamException(
            "%s holds offsets %d to %d, the snapshot needs %d to %d"
                .formatted(partition, begin, end, first.begin(), last.end()));
      }
    }
  }

  private StreamException cannotRead(KafkaException reason) {
    return new StreamException(
        "cannot read dataset '" + dataset + "': " + kafka.reason(reason), reason);
  }
}
