package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.Tally;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
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
  private final RepeatedIds ids;

  WindowProcessor(
      DocumentReader reader, HeldoutSplit splitter, WindowTransform<D> transform, RepeatedIds ids) {
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

  /** The most documents of a window. */
  int most(WindowLimits limits) {
    return transform.most(limits);
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
    List<Ready<D>> taken =
        switch (ids) {
          case RepeatedIds.Keep keep -> ready;
          case RepeatedIds.Replace replace -> ready;
          case RepeatedIds.Reject reject -> first(reject.claims(), ready, rejections);
        };
    Part<D> train = new Part<>(Split.TRAIN, before.tally().train());
    Part<D> heldout = new Part<>(Split.HELDOUT, before.tally().heldout());
    for (Ready<D> one : taken) {
      switch (splitter.split(one.id())) {
        case TRAIN -> train.documents.add(one);
        case HELDOUT -> heldout.documents.add(one);
      }
    }
    train.make(transform, ids);
    heldout.make(transform, ids);
    if (ids instanceof RepeatedIds.Replace replace) {
      replace.replacements().note(inOrder(train.prepared, heldout.prepared));
    }
    List<D> documents = taken.stream().map(Ready::document).toList();
    Tally here =
        new Tally(
            taken.size(),
            rejections.size(),
            documents.stream().mapToLong(transform::tokens).sum(),
            packedTokens(train.records) + packedTokens(heldout.records),
            documents.stream().mapToLong(transform::boxes).sum(),
            train.records.size(),
            heldout.records.size());
    PartitionProgress after =
        new PartitionProgress(
            window.nextOffset(), before.tally().plus(here), before.trainEnd(), before.heldoutEnd());
    return new WindowResult(
        train.records, heldout.records, List.copyOf(rejections.values()), after);
  }

  /** The documents that have their ids; the others are rejected. */
  private List<Ready<D>> first(
      RepeatedIds.Claims claims, List<Ready<D>> ready, Map<Long, Rejection> rejections) {
    Map<String, DocumentPlace> wanted = new LinkedHashMap<>();
    ready.forEach(one -> wanted.putIfAbsent(one.id(), one.place()));
    Map<String, DocumentPlace> owners = claims.claim(wanted);
    List<Ready<D>> first = new ArrayList<>();
    for (Ready<D> one : ready) {
      DocumentPlace owner = owners.getOrDefault(one.id(), one.place());
      if (owner.equals(one.place())) {
        first.add(one);
      } else {
        rejections.put(
            one.record().offset(),
            new Rejection(
                one.record(),
                "its id '%s' is that of an earlier document (partition %d, offset %d)"
                    .formatted(one.id(), owner.partition(), owner.offset())));
      }
    }
    return first;
  }

  private static List<PreparedDocument> inOrder(
      List<PreparedDocument> train, List<PreparedDocument> heldout) {
    return Stream.concat(train.stream(), heldout.stream())
        .sorted(Comparator.comparingLong(one -> one.place().offset()))
        .toList();
  }

  private long packedTokens(List<PreparedRecord> records) {
    return records.stream().mapToLong(one -> transform.packedTokens(one.message())).sum();
  }

  /** What of a window belongs to one split. */
  private static final class Part<D> {
    private final Split split;
    private final long firstRecord;
    private final List<Ready<D>> documents = new ArrayList<>();
    private final List<PreparedDocument> prepared = new ArrayList<>();
    private final List<PreparedRecord> records = new ArrayList<>();

    Part(Split split, long firstRecord) {
      this.split = split;
      this.firstRecord = firstRecord;
    }

    void make(WindowTransform<D> transform, RepeatedIds ids) {
      switch (ids) {
        case RepeatedIds.Keep keep -> makeTogether(transform);
        case RepeatedIds.Reject reject -> makeTogether(transform);
        case RepeatedIds.Replace replace -> documents.forEach(one -> makeAlone(transform, one));
      }
    }

    private void makeTogether(WindowTransform<D> transform) {
      transform
          .records(documents.stream().map(Ready::document).toList(), firstRecord)
          .forEach(message -> records.add(new PreparedRecord(message, OptionalLong.empty())));
    }

    private void makeAlone(WindowTransform<D> transform, Ready<D> one) {
      long first = firstRecord + records.size();
      List<? extends MessageLite> own = transform.records(List.of(one.document()), first);
      OptionalLong offset = OptionalLong.of(one.place().offset());
      own.forEach(message -> records.add(new PreparedRecord(message, offset)));
      prepared.add(new PreparedDocument(one.id(), one.place(), split, first, own.size()));
    }
  }
}
