package io.millrace.data.dataset;

import io.millrace.data.dataset.DatasetStatus.Preparation;
import io.millrace.data.log.Counts;
import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.prepare.DocumentIdStore;
import io.millrace.data.prepare.PreparationSupervisor;
import io.millrace.data.prepare.TransformFactory;
import io.millrace.data.rejected.Replays;
import io.millrace.data.tokenizer.TokenizerJobs;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.Registry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Creates, describes and deletes datasets. */
@Service
public class DatasetService {
  private final Registry registry;
  private final Lineage lineage;
  private final DatasetLog log;
  private final PreparationSupervisor preparations;
  private final TransformFactory transforms;
  private final TokenizerJobs tokenizerJobs;
  private final DocumentIdStore ids;
  private final Replays replays;
  private final TransactionTemplate transactions;
  private final Clock clock;

  /** On the registry and the cluster. */
  public DatasetService(
      Registry registry,
      Lineage lineage,
      DatasetLog log,
      PreparationSupervisor preparations,
      TransformFactory transforms,
      TokenizerJobs tokenizerJobs,
      DocumentIdStore ids,
      Replays replays,
      TransactionTemplate transactions,
      Clock clock) {
    this.registry = registry;
    this.lineage = lineage;
    this.log = log;
    this.preparations = preparations;
    this.transforms = transforms;
    this.tokenizerJobs = tokenizerJobs;
    this.ids = ids;
    this.replays = replays;
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * Creates a dataset: its topics first, so that a dataset which exists always has them.
   *
   * @throws MillraceException INVALID_ARGUMENT or ALREADY_EXISTS
   */
  public DatasetStatus create(NewDataset wanted) {
    DatasetEntry dataset = DatasetRules.check(wanted, clock.instant());
    if (registry.dataset(dataset.name()).isPresent()) {
      throw MillraceException.alreadyExists("dataset", dataset.name());
    }
    List<String> made = log.create(dataset);
    try {
      registry.createDataset(dataset);
    } catch (DataAccessException e) {
      log.deleteTopics(made); // Or nobody would know of them.
      throw e;
    }
    preparations.wake();
    return status(dataset);
  }

  /**
   * A dataset.
   *
   * @throws MillraceException NOT_FOUND
   */
  public DatasetEntry require(String name) {
    return registry.requireDataset(name);
  }

  /**
   * A dataset and what became of its documents.
   *
   * @throws MillraceException NOT_FOUND
   */
  public DatasetStatus status(String name) {
    return status(require(name));
  }

  /**
   * Changes how a dataset takes documents: those that this process prepares from now on.
   *
   * @throws MillraceException NOT_FOUND or INVALID_ARGUMENT
   */
  public DatasetStatus change(String name, DatasetChange wanted) {
    IntakePolicy unused = DatasetRules.change(require(name), wanted);
    preparations.suspend(name);
    try {
      transactions.executeWithoutResult(status -> {
        registry.lockDataset(name);
        registry.setIntake(name, DatasetRules.change(require(name), wanted));
      });
    } finally {
      preparations.resume(name);
    }
    return status(name);
  }

  /** All datasets, by name. */
  public List<DatasetStatus> list() {
    return registry.datasets().stream().map(this::status).toList();
  }

  /**
   * Deletes a dataset with all its documents, records and snapshots. If it fails half-way it can be
   * called again.
   *
   * @param force whether to delete it although runs need it, which then fail
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION naming the runs that need it
   */
  public void delete(String name, boolean force) {
    DatasetEntry dataset = require(name);
    transactions.executeWithoutResult(status -> lineage.beginDeletion(name, force));
    preparations.suspend(name);
    try {
      log.delete(dataset);
      tokenizerJobs.forget(name);
      ids.forget(name);
      replays.forget(name);
      transactions.executeWithoutResult(status -> registry.deleteDataset(name));
    } finally {
      preparations.resume(name);
    }
  }

  private DatasetStatus status(DatasetEntry dataset) {
    try {
      return statusOfLog(dataset);
    } catch (MillraceException e) {
      if (e.code() != ErrorCode.FAILED_PRECONDITION) {
        throw e;
      }
      // A dataset in disorder is told as that; the others are none the worse for it.
      return new DatasetStatus(
          dataset,
          Counts.of(List.of(), 0),
          Preparation.FAILING,
          e.getMessage(),
          tokenizerJobs.find(dataset.name()),
          registry.snapshots().list(dataset.name()));
    }
  }

  private DatasetStatus statusOfLog(DatasetEntry dataset) {
    Map<Integer, PartitionProgress> progress = log.progress(dataset);
    Map<Integer, Long> ends = log.documentEnds(dataset);
    long waiting = DatasetLog.waiting(ends, progress);
    String failure = preparations.failure(dataset.name());
    return new DatasetStatus(
        dataset,
        Counts.of(progress.values(), waiting),
        preparation(dataset, failure),
        failure,
        tokenizerJobs.find(dataset.name()),
        registry.snapshots().list(dataset.name()));
  }

  private Preparation preparation(DatasetEntry dataset, @Nullable String failure) {
    if (!transforms.isReady(dataset)) {
      return Preparation.WAITING_FOR_TOKENIZER;
    }
    if (failure != null) {
      return Preparation.FAILING;
    }
    return preparations.prepares(dataset.name()) ? Preparation.RUNNING : Preparation.ELSEWHERE;
  }
}
