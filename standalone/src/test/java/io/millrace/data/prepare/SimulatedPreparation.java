package io.millrace.data.prepare;

import io.millrace.data.WindowLimits;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.log.DatasetTopics;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** Prepares texts whose words are numbers, which are their tokens. */
public final class SimulatedPreparation {
  /** The token between documents. */
  public static final int END = Integer.MAX_VALUE;

  private static final DataSize MESSAGE = DataSize.ofMegabytes(1);
  private static final int WINDOW = 3;

  private final KafkaClients kafka;
  private final DatasetEntry dataset;
  private final DatasetTopics topics;
  private final WindowProcessor<?> processor;
  private final PreparationStep.Listener steps;

  /** Of one dataset. */
  public SimulatedPreparation(
      KafkaClients kafka,
      EventCodec codec,
      DatasetEntry dataset,
      DatasetTopics topics,
      int packLength,
      PreparationStep.Listener steps) {
    this.kafka = kafka;
    this.dataset = dataset;
    this.topics = topics;
    this.steps = steps;
    this.processor =
        new WindowProcessor<>(
            new DocumentReader(codec, dataset, (int) MESSAGE.toBytes()),
            new HeldoutSplit(dataset.heldoutPercent()),
            new TextTransform(
                dataset.name(),
                new DocumentTokenizer(SimulatedPreparation::numbers, _ -> List.of(), END),
                packLength,
                List.of()),
            new RepeatedIds.Keep());
  }

  /** Lets a new worker prepare all that a partition has. */
  public void prepare(int partition) {
    PartitionWorker[] worker = new PartitionWorker[1];
    worker[0] =
        new PartitionWorker(
            kafka,
            topics,
            dataset.name(),
            partition,
            processor,
            new RejectionLetters(topics, MESSAGE.toBytes()),
            WINDOW,
            new WindowLimits(WINDOW, WINDOW, MESSAGE, Duration.ZERO),
            steps,
            new Silent(),
            () -> stopAtEnd(worker[0], partition),
            Duration.ofDays(1));
    worker[0].run();
  }

  private void stopAtEnd(PartitionWorker worker, int partition) {
    if (kafka.partitions(topics.documents()) > partition && isPrepared(partition)) {
      worker.stop();
    }
  }

  private boolean isPrepared(int partition) {
    var place = new org.apache.kafka.common.TopicPartition(topics.documents(), partition);
    try (var reader = kafka.positionedGroupConsumer("simulation", topics.group())) {
      var committed = reader.committed(java.util.Set.of(place)).get(place);
      long end = reader.endOffsets(List.of(place)).getOrDefault(place, 0L);
      return committed != null && committed.offset() >= end;
    }
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /** Nobody counts windows. */
  private static final class Silent implements PreparationObserver {
    @Override
    public void windowCommitted(
        String dataset,
        io.millrace.data.log.PartitionProgress before,
        io.millrace.data.log.PartitionProgress after,
        Duration duration) {}
  }
}
