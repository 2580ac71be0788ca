package io.millrace.data.snapshot;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.events.v1.SnapshotSealed;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.data.DataProperties;
import io.millrace.data.log.Counts;
import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.RangeReader;
import io.millrace.data.prepare.PreparationSupervisor;
import io.millrace.data.prepare.ReplacedDocuments;
import io.millrace.data.prepare.ReplacedDocuments.Replaced;
import io.millrace.data.prepare.TransformFactory;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.data.tokenizer.TokenizerJobs;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Seals snapshots. */
@Service
public class SnapshotService {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Registry registry;
  private final DatasetLog log;
  private final KafkaClients kafka;
  private final Topics topics;
  private final Outbox outbox;
  private final TransformFactory transforms;
  private final ReplacedDocuments replaced;
  private final ForeignRecords foreign;
  private final TokenizerJobs tokenizers;
  private final PreparationSupervisor preparations;
  private final TransactionTemplate transactions;
  private final DataProperties settings;
  private final Clock clock;

  /** On the registry and the cluster. */
  public SnapshotService(
      Registry registry,
      DatasetLog log,
      KafkaClients kafka,
      Topics topics,
      Outbox outbox,
      TransformFactory transforms,
      ReplacedDocuments replaced,
      ForeignRecords foreign,
      TokenizerJobs tokenizers,
      PreparationSupervisor preparations,
      TransactionTemplate transactions,
      DataProperties settings,
      Clock clock) {
    this.registry = registry;
    this.log = log;
    this.kafka = kafka;
    this.topics = topics;
    this.outbox = outbox;
    this.transforms = transforms;
    this.replaced = replaced;
    this.foreign = foreign;
    this.tokenizers = tokenizers;
    this.preparations = preparations;
    this.transactions = transactions;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Waits until a tokenizer that is being trained is there and all documents that were accepted
   * before the call are prepared, then records what the dataset holds: whole windows, from the
   * first record to the end of the last window. If nothing came since the newest snapshot, that one
   * is returned.
   *
   * @param waitSeconds how long to wait at most; null: as long as the setting allows
   * @throws MillraceException INVALID_ARGUMENT beyond the setting, NOT_FOUND, FAILED_PRECONDITION
   *     without tokenizer, if its training failed, without any record to learn from, or if somebody
   *     else wrote among the prepared records, DEADLINE_EXCEEDED if it takes longer
   */
  public SnapshotEntry seal(String name, @Nullable Integer waitSeconds)
      throws InterruptedException {
    Duration timeout = timeout(waitSeconds);
    long deadline = System.nanoTime() + timeout.toNanos();
    DatasetEntry dataset = awaitReady(name, deadline, timeout);
    SortedMap<Integer, PartitionProgress> progress = awaitPrepared(dataset, deadline, timeout);
    Counts counts = Counts.of(progress.values(), 0);
    if (counts.tally().train() == 0) {
      throw MillraceException.precondition(
          "dataset '%s' has nothing to learn from: of %d documents %d were rejected and the others are held out"
              .formatted(name, counts.documents(), counts.tally().rejected()));
    }
    DatasetTopics names = log.names(dataset);
    Map<Integer, Long> prepared = new TreeMap<>();
    progress.forEach((partition, at) -> prepared.put(partition, at.nextOffset()));
    List<Replaced> leftOut = replaced.find(dataset, prepared);
    List<Range> train = new ArrayList<>();
    List<Range> heldout = new ArrayList<>();
    String sha256;
    LabelCounts labels;
    try (RangeReader reader = new RangeReader(kafka, "data-snapshot-" + name)) {
      SnapshotScan scan = new SnapshotScan(reader, dataset.content(), foreign.find(dataset.name()));
      for (Split split : Split.values()) {
        SortedMap<Integer, Long> begins = log.begins(names.of(split));
        progress.forEach((partition, at) -> {
          long begin = begins.getOrDefault(partition, 0L);
          List<Replaced> here =
              leftOut.stream()
                  .filter(one -> one.split() == split && one.partition() == partition)
                  .toList();
          switch (split) {
            case TRAIN ->
                train.addAll(
                    scan.ranges(
                        split,
                        names.train(),
                        partition,
                        begin,
                        Math.max(begin, at.trainEnd()),
                        here));
            case HELDOUT ->
                heldout.addAll(
                    scan.ranges(
                        split,
                        names.heldout(),
                        partition,
                        begin,
                        Math.max(begin, at.heldoutEnd()),
                        here));
          }
        });
      }
      sha256 = scan.sha256();
      labels = scan.labels();
    } catch (CorruptRecordException e) {
      throw MillraceException.precondition(
          "dataset '%s' holds a record that its preparation did not write: %s; POST /api/datasets/%s/repair finds such records and leaves them out"
              .formatted(name, e.getMessage(), name));
    }
    SnapshotEntry sealed =
        new SnapshotEntry(
            name,
            1,
            train,
            heldout,
            sha256,
            SnapshotMessages.counts(counts, train, heldout, leftOut.size()),
            SnapshotWarnings.of(dataset, counts, labels),
            clock.instant());
    return record(sealed);
  }

  /**
   * All snapshots, oldest first.
   *
   * @throws MillraceException NOT_FOUND
   */
  public List<SnapshotEntry> list(String name) {
    registry.requireDataset(name);
    return registry.snapshots().list(name);
  }

  private Duration timeout(@Nullable Integer seconds) {
    Duration longest = settings.sealWait();
    if (seconds == null) {
      return longest;
    }
    if (seconds < 0 || seconds > longest.toSeconds()) {
      throw MillraceException.invalid(
          "wait_seconds", "wait_seconds must be from 0 to " + longest.toSeconds());
    }
    return Duration.ofSeconds(seconds);
  }

  private DatasetEntry awaitReady(String name, long deadline, Duration timeout)
      throws InterruptedException {
    while (true) {
      // The job first: once it is done, the tokenizer is there.
      Optional<TokenizerJob> job = tokenizers.find(name);
      DatasetEntry dataset = registry.requireDataset(name);
      if (transforms.isReady(dataset)) {
        return dataset;
      }
      TokenizerJob training =
          job.orElseThrow(() ->
              MillraceException.precondition(
                  "dataset '%s' has no tokenizer yet, so nothing of it is prepared; set one first"
                      .formatted(name)));
      if (training.state() == TokenizerJob.State.FAILED) {
        throw MillraceException.precondition(
            "dataset '%s' has no tokenizer, because its training failed: %s"
                .formatted(name, training.error()));
      }
      if (System.nanoTime() >= deadline) {
        throw new MillraceException(
            ErrorCode.DEADLINE_EXCEEDED,
            "the tokenizer of dataset '%s' is still being trained after %s%s; try again later"
                .formatted(name, timeout, training.isWaiting() ? ": " + training.error() : ""));
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private SortedMap<Integer, PartitionProgress> awaitPrepared(
      DatasetEntry dataset, long deadline, Duration timeout) throws InterruptedException {
    Map<Integer, Long> barrier = log.documentEnds(dataset);
    while (true) {
      SortedMap<Integer, PartitionProgress> progress = log.progress(dataset);
      long waiting = DatasetLog.waiting(barrier, progress);
      if (waiting == 0) {
        return progress;
      }
      if (System.nanoTime() >= deadline) {
        String failure = preparations.failure(dataset.name());
        throw new MillraceException(
            ErrorCode.DEADLINE_EXCEEDED,
            "%d documents of dataset '%s' are not prepared after %s%s; try again later"
                .formatted(
                    waiting, dataset.name(), timeout, failure == null ? "" : ": " + failure));
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  /** Gives a snapshot its version and records it, unless the newest one holds the same. */
  private SnapshotEntry record(SnapshotEntry wanted) {
    String name = wanted.dataset();
    SnapshotEntry sealed =
        transactions.execute(status -> {
          registry.lockDataset(name);
          Optional<SnapshotEntry> newest = registry.snapshots().find(name, 0);
          if (newest.isPresent() && newest.get().sha256().equals(wanted.sha256())) {
            return newest.get();
          }
          SnapshotEntry snapshot =
              wanted.withVersion(newest.map(SnapshotEntry::version).orElse(0) + 1);
          registry.snapshots().add(snapshot);
          outbox.append(
              topics.datasets(),
              name,
              EventTypes.SNAPSHOT_SEALED,
              SnapshotSealed.newBuilder().setSnapshot(SnapshotMessages.message(snapshot)).build());
          return snapshot;
        });
    if (sealed == null) {
      throw new IllegalStateException("a transaction without result");
    }
    return sealed;
  }
}
