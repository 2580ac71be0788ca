package io.millrace.training.checkpoint;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointDeleted;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.Deletions;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fault.Faults;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Deletes the versions that their models' retention does not keep, and the files of all that are
 * deleted. First a version's row is marked, then its files go, then the row says so, with an event:
 * whoever dies on the way, the next round does the rest. Several services may do it at once.
 */
@Component
public class CheckpointCollector {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointCollector.class);

  private final Deletions deletions;
  private final CheckpointFiles files;
  private final ObjectStore store;
  private final TransactionTemplate transactions;
  private final Outbox outbox;
  private final Topics topics;
  private final Faults faults;
  private final Clock clock;

  CheckpointCollector(
      ModelRegistry registry,
      CheckpointFiles files,
      ObjectStore store,
      PlatformTransactionManager transactions,
      Outbox outbox,
      Topics topics,
      Faults faults,
      Clock clock) {
    this.deletions = registry.deletions();
    this.files = files;
    this.store = store;
    this.transactions = new TransactionTemplate(transactions);
    this.outbox = outbox;
    this.topics = topics;
    this.faults = faults;
    this.clock = clock;
  }

  /**
   * Does all there is to do.
   *
   * @throws IOException if files cannot be deleted; the next round tries again
   */
  public void collect() throws IOException {
    for (String model : deletions.expirable()) {
      expire(model);
    }
    faults.reach(FaultPoint.EXPIRED);
    for (ModelVersion deleted : deletions.uncollected()) {
      files.delete(deleted.location());
      faults.reach(FaultPoint.UNCOLLECTED);
      transactions.executeWithoutResult(unused -> announce(deleted));
    }
  }

  /**
   * Finds out the sizes of versions that were published before sizes were kept.
   *
   * @throws IOException if the store cannot be read; the next round tries again
   */
  void measure() throws IOException {
    for (ModelVersion version : deletions.unmeasured()) {
      List<ObjectInfo> objects = store.list(version.location());
      deletions.measured(version, objects.stream().mapToLong(ObjectInfo::size).sum());
    }
  }

  private void expire(String model) {
    List<ModelVersion> expired =
        transactions.execute(unused -> deletions.expire(model, clock.instant()));
    if (expired != null && !expired.isEmpty()) {
      LOG.info(
          "model {}: versions {} are not kept any more",
          model,
          expired.stream().map(ModelVersion::version).toList());
    }
  }

  private void announce(ModelVersion deleted) {
    deletions
        .collected(deleted, clock.instant())
        .ifPresent(reason ->
            outbox.append(
                topics.checkpoints(),
                deleted.model() + "/" + deleted.version(),
                EventTypes.CHECKPOINT_DELETED,
                CheckpointDeleted.newBuilder()
                    .setModel(deleted.model())
                    .setVersion(deleted.version())
                    .setRunId(deleted.runId())
                    .setStep(deleted.step())
                    .setReason(reason)
                    .build()));
  }
}
