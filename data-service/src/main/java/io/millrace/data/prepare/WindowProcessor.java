package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.log.PartitionProgress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares one window: reads the documents, divides them into splits, makes their records and
 * counts. No document vanishes: each is in a record or in a rejection.
 *
 * @param <D> see {@link WindowTransform}
 */
final class WindowProcessor<D> {
  private static final Logger LOG = LoggerFactory.getLogger(WindowProcessor.class);

  private final DocumentReader reader;
  private final HeldoutSplit splitter;
  private final WindowTransform<D> transform;

  WindowProcessor(DocumentReader reader, HeldoutSplit splitter, WindowTransform<D> transform) {
    this.reader = reader;
    this.splitter = splitter;
    this.transform = transform;
  }

  WindowResult process(Window window, PartitionProgress before) {
    Map<Split, List<D>> documents = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      documents.put(split, new ArrayList<>());
    }
    List<Rejection> rejections = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : window.records()) {
      try {
        Document document = reader.read(record);
        D prepared = transform.prepare(document);
        of(documents, splitter.split(document.getId())).add(prepared);
      } catch (RejectedDocumentException e) {
        rejections.add(new Rejection(record, e.reason()));
      } catch (OutOfMemoryError | StackOverflowError e) {
        LOG.error("{}-{}@{}: too much", record.topic(), record.partition(), record.offset(), e);
        rejections.add(new Rejection(record, "its preparation needs too much memory: " + e));
      } catch (RuntimeException e) {
        // A transform is pure: the same document would fail again and block all behind it.
        LOG.error("{}-{}@{}: defect", record.topic(), record.partition(), record.offset(), e);
        rejections.add(new Rejection(record, "a defect of the platform: " + e));
      }
    }
    List<D> train = of(documents, Split.TRAIN);
    List<D> heldout = of(documents, Split.HELDOUT);
    List<? extends MessageLite> trainRecords = transform.records(train, before.train());
    List<? extends MessageLite> heldoutRecords = transform.records(heldout, before.heldout());
    PartitionProgress after =
        new PartitionProgress(
            window.nextOffset(),
            before.prepared() + train.size() + heldout.size(),
            before.rejected() + rejections.size(),
            before.tokens() + tokens(train) + tokens(heldout),
            before.packedTokens() + packedTokens(trainRecords) + packedTokens(heldoutRecords),
            before.boxes() + boxes(train) + boxes(heldout),
            before.train() + trainRecords.size(),
            before.heldout() + heldoutRecords.size(),
            before.trainEnd(),
            before.heldoutEnd());
    return new WindowResult(trainRecords, heldoutRecords, rejections, after);
  }

  private List<D> of(Map<Split, List<D>> documents, Split split) {
    return documents.getOrDefault(split, List.of());
  }

  private long tokens(List<D> documents) {
    return documents.stream().mapToLong(transform::tokens).sum();
  }

  private long boxes(List<D> documents) {
    return documents.stream().mapToLong(transform::boxes).sum();
  }

  private long packedTokens(List<? extends MessageLite> records) {
    return records.stream().mapToLong(transform::packedTokens).sum();
  }
}
