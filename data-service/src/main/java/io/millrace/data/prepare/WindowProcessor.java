package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.log.PartitionProgress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes one window: reads the documents, divides them into splits, makes their records and
 * counts. No document vanishes: each is in a record or in a rejection.
 *
 * @param <D> see {@link WindowTransform}
 */
final class WindowProcessor<D> {
  private static final Logger LOG = LoggerFactory.getLogger(WindowProcessor.class);

  private final DocumentReader reader;
  private final HeldoutSplit splitter;
  private final WindowTransform<D> transform;
  private final IdClaims ids;

  WindowProcessor(
      DocumentReader reader, HeldoutSplit splitter, WindowTransform<D> transform, IdClaims ids) {
    this.reader = reader;
    this.splitter = splitter;
    this.transform = transform;
    this.ids = ids;
  }

  /** A document that could become part of a record. */
  private record Ready<D>(ConsumerRecord<byte[], byte[]> record, String id, D document) {
    DocumentPlace place() {
      return new DocumentPlace(record.partition(), record.offset());
    }
  }

  WindowResult process(Window window, PartitionProgress before) {
    SortedMap<Long, Rejection> rejections = new TreeMap<>();
    List<Ready<D>> ready = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : window.records()) {
      try {
        Document document = reader.read(record);
        ready.add(new Ready<>(record, document.getId(), transform.prepare(document)));
      } catch (RejectedDocumentException e) {
        rejections.put(record.offset(), new Rejection(record, e.reason()));
      } catch (OutOfMemoryError | StackOverflowError e) {
        LOG.error("{}-{}@{}: too much", record.topic(), record.partition(), record.offset(), e);
        rejections.put(
            record.offset(), new Rejection(record, "its preparation needs too much memory: " + e));
      } catch (RuntimeException e) {
        // A transform is pure: the same document would fail again and block all behind it.
        LOG.error("{}-{}@{}: defect", record.topic(), record.partition(), record.offset(), e);
        rejections.put(record.offset(), new Rejection(record, "a defect of the platform: " + e));
      }
    }
    Map<Split, List<D>> documents = split(ready, rejections);
    List<D> train = documents.getOrDefault(Split.TRAIN, List.of());
    List<D> heldout = documents.getOrDefault(Split.HELDOUT, List.of());
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
    return new WindowResult(trainRecords, heldoutRecords, List.copyOf(rejections.values()), after);
  }

  /** The documents of each split; those whose id is another's are rejected. */
  private Map<Split, List<D>> split(List<Ready<D>> ready, Map<Long, Rejection> rejections) {
    Map<String, DocumentPlace> claims = new LinkedHashMap<>();
    ready.forEach(one -> claims.putIfAbsent(one.id(), one.place()));
    Map<String, DocumentPlace> owners = ids.claim(claims);
    Map<Split, List<D>> documents = new EnumMap<>(Split.class);
    for (Ready<D> one : ready) {
      DocumentPlace owner = owners.getOrDefault(one.id(), one.place());
      if (owner.equals(one.place())) {
        documents
            .computeIfAbsent(splitter.split(one.id()), split -> new ArrayList<>())
            .add(one.document());
      } else {
        rejections.put(
            one.record().offset(),
            new Rejection(
                one.record(),
                "its id '%s' is that of an earlier document (partition %d, offset %d)"
                    .formatted(one.id(), owner.partition(), owner.offset())));
      }
    }
    return documents;
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
