package io.millrace.training.stream;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The held-out records of a snapshot, once through. */
public final class HeldoutRecords {
  private static final Duration POLL = Duration.ofMillis(200);

  private HeldoutRecords() {}

  /**
   * Hands over the first records in batches, the last of which may be smaller; always the same for
   * the same snapshot.
   *
   * @param most how many records at most
   * @param stop asked before every record, whether to leave off
   * @return how many records were handed over
   * @throws StreamException if they cannot be read
   */
  public static <R, B> int read(
      KafkaClients kafka,
      String dataset,
      List<Range> ranges,
      RecordFormat<R, B> format,
      int batchSize,
      int most,
      BooleanSupplier stop,
      Consumer<B> consumer) {
    long all = ranges.stream().mapToLong(Range::records).sum();
    if (all == 0 || most == 0) {
      return 0;
    }
    int handedOver = 0;
    StreamPosition start = StreamPosition.start(ranges);
    int ahead = (int) Math.min(most, 4L * batchSize);
    try (RecordStream<R> stream =
        new RecordStream<>(kafka, dataset, ranges, start, format, ahead)) {
      List<R> records = new ArrayList<>(batchSize);
      while (handedOver + records.size() < Math.min(most, all) && !stop.getAsBoolean()) {
        R record = stream.next(POLL);
        if (stream.epoch() > 0) {
          break;
        }
        if (record == null) {
          continue;
        }
        records.add(record);
        if (records.size() == batchSize) {
          consumer.accept(format.assemble(records));
          handedOver += records.size();
          records.clear();
        }
      }
      if (!records.isEmpty()) {
        consumer.accept(format.assemble(records));
      }
      return handedOver + records.size();
    }
  }
}
