package io.millrace.training.checkpoint;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fault.Faults;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.lease.Leases;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunStore;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Makes a version of a model of what a run has learned: files, manifest last, then in one
 * transaction the proof of the lease, the registry's row and the event.
 *
 * <p>Files lie under {@code models/<model>/<run>/<step>-<fencing token>}, a place that no other
 * trainer and no other attempt writes to. The version, the model's last + 1, is only decided in the
 * transaction.
 */
@Component
public class CheckpointPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointPublisher.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final ObjectStore store;
  private final CheckpointFiles files;
  private final RunCheckpoints checkpoints;
  private final ModelRegistry registry;
  private final Leases leases;
  private final RunStore runs;
  private final Outbox outbox;
  private final Topics topics;
  private final Clock clock;
  private final Faults faults;

  CheckpointPublisher(
      ObjectStore store,
      CheckpointFiles files,
      RunCheckpoints checkpoints,
      ModelRegistry registry,
      Leases leases,
      RunStore runs,
      Outbox outbox,
      Topics topics,
      Clock clock,
      Faults faults) {
    this.store = store;
    this.files = files;
    this.checkpoints = checkpoints;
    this.registry = registry;
    this.leases = leases;
    this.runs = runs;
    this.outbox = outbox;
    this.topics = topics;
    this.clock = clock;
    this.faults = faults;
  }

  /**
   * Saves and publishes. Returns once the version is in the registry; the event follows.
   *
   * @return the version; none if the run is to be cancelled, which publishes nothing any more
   * @throws LeaseLostException if another trainer has the run now; nothing was published
   * @throws IOException if the files cannot be written; nothing was published
   * @throws DataAccessException if the database does not answer for {@link #PATIENCE}
   */
  public Optional<ModelVersion> publish(Lease lease, TrainingTask<?, ?> task, TrainerState state)
      throws IOException, LeaseLostException, InterruptedException {
    String location =
        "%s/%d-%d".formatted(RunCheckpoints.prefix(lease.run()), state.step(), lease.token());
    try {
      String manifest = storeFiles(location, task, state);
      faults.reach(FaultPoint.FILES_STORED);
      Optional<ModelVersion> published = register(lease, location, manifest, state);
      faults.reach(FaultPoint.PUBLISHED);
      if (published.isEmpty()) {
        checkpoints.discard(lease.run(), location);
      }
      return published;
    } catch (IOException | LeaseLostException | RuntimeException e) {
      checkpoints.discard(lease.run(), location);
      throw e;
    }
  }

  private String storeFiles(String location, TrainingTask<?, ?> task, TrainerState state)
      throws IOException {
    Path directory = store.newStagingDirectory();
    try {
      task.save(directory);
      checkpoints.writeState(state, directory);
      faults.reach(FaultPoint.FILES_WRITTEN);
      return files.publish(location, directory);
    } catch (UncheckedIOException e) {
      delete(directory);
      throw e.getCause();
    } catch (IOException | RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  /** Tries again while the database does not answer: a checkpoint is too dear to be dropped. */
  private Optional<ModelVersion> register(
      Lease lease, String location, String manifest, TrainerState state)
      throws LeaseLostException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        // The commit of an earlier try may have got through although its answer did not.
        Optional<ModelVersion> published =
            registry.modelsOfRun(lease.runId()).stream()
                .filter(version -> version.location().equals(location))
                .findFirst();
        return published.isPresent() ? published : registerOnce(lease, location, manifest, state);
      } catch (DataAccessException | TransactionException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LOG.warn("cannot publish {}, trying again: {}", location, e.getMessage());
        Thread.sleep(RETRY);
      }
    }
  }

  private Optional<ModelVersion> registerOnce(
      Lease lease, String location, String manifest, TrainerState state) throws LeaseLostException {
    return leases.underLease(
        lease,
        run -> {
          if (run.cancelRequested()) {
            return Optional.empty();
          }
          runs.lockModel(run.request().model());
          ModelVersion version = version(run, lease, location, manifest, state);
          registry.publish(version);
          outbox.append(
              topics.checkpoints(),
              version.model(),
              EventTypes.CHECKPOINT_PUBLISHED,
              message(version));
          runs.noteCheckpoint(run);
          faults.reach(FaultPoint.IN_TRANSACTION);
          return Optional.of(version);
        });
  }

  private ModelVersion version(
      Run run, Lease lease, String location, String manifest, TrainerState state) {
    String model = run.request().model();
    return new ModelVersion(
        model,
        registry.nextVersion(model),
        run.request().task(),
        run.id(),
        lease.token(),
        state.step(),
        location,
        manifest,
        state.metrics(),
        clock.instant());
  }

  private static CheckpointPublished message(ModelVersion version) {
    return CheckpointPublished.newBuilder()
        .setModel(version.model())
        .setVersion(version.version())
        .setTask(version.task())
        .setRunId(version.runId())
        .setStep(version.step())
        .setLocation(version.location())
        .setManifestSha256(version.manifestSha256())
        .putAllMetrics(version.metrics())
        .build();
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> left = Files.list(directory)) {
      List<Path> leftFiles = left.toList();
      for (Path file : leftFiles) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      LOG.warn("cannot delete {}, it will be cleared away later: {}", directory, e.toString());
    }
  }
}
