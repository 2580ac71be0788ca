package io.millrace.training.checkpoint;

import io.millrace.platform.checkpoint.StoredCheckpoint;
import io.millrace.platform.checkpoint.StoredFiles;
import io.millrace.platform.checkpoint.VersionPublisher;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fault.Faults;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.lease.Leases;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunLog;
import io.millrace.training.run.RunStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Publishes what a run has learned, under the proof of its lease.
 *
 * <p>Files lie under {@code models/<model>/<run>/<step>-<fencing token>}, a place that no other
 * trainer and no other attempt writes to.
 */
@Component
public class CheckpointPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointPublisher.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final VersionPublisher publisher;
  private final ModelRegistry registry;
  private final Leases leases;
  private final RunStore runs;
  private final Faults faults;
  private final CheckpointListener listener;
  private final RunLog log;

  CheckpointPublisher(
      VersionPublisher publisher,
      ModelRegistry registry,
      Leases leases,
      RunStore runs,
      Faults faults,
      CheckpointListener listener,
      RunLog log) {
    this.publisher = publisher;
    this.registry = registry;
    this.leases = leases;
    this.runs = runs;
    this.faults = faults;
    this.listener = listener;
    this.log = log;
  }

  /**
   * Saves and publishes. Returns once the version is in the registry; the event follows.
   *
   * @param content the task's files
   * @return the version; none if the run is to be cancelled, which publishes nothing any more
   * @throws LeaseLostException if another trainer has the run now; nothing was published
   * @throws IOException if the files cannot be written; nothing was published
   * @throws DataAccessException if the database does not answer for {@link #TIMEOUT}
   */
  public Optional<ModelVersion> publish(
      Lease lease, VersionPublisher.Content content, TrainerState state)
      throws IOException, LeaseLostException, InterruptedException {
    String location =
        "%s/%d-%d"
            .formatted(RunCheckpoints.prefix(lease.run()), state.position().step(), lease.token());
    try {
      StoredFiles files = store(location, content, state);
      faults.reach(FaultPoint.FILES_STORED);
      Optional<ModelVersion> published = register(lease, location, files, state);
      faults.reach(FaultPoint.PUBLISHED);
      listener.published();
      if (published.isEmpty()) {
        publisher.discard(location, lease.runId());
      }
      return published;
    } catch (IOException | LeaseLostException | RuntimeException e) {
      publisher.discard(location, lease.runId());
      throw e;
    }
  }

  private StoredFiles store(String location, VersionPublisher.Content content, TrainerState state)
      throws IOException {
    return publisher.store(
        location,
        directory -> {
          content.write(directory);
          TrainerStateFile.write(state, directory);
          faults.reach(FaultPoint.FILES_WRITTEN);
        });
  }

  /** Tries again while the database does not answer: a checkpoint is too dear to be dropped. */
  private Optional<ModelVersion> register(
      Lease lease, String location, StoredFiles files, TrainerState state)
      throws LeaseLostException, InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    boolean tried = false;
    while (true) {
      try {
        // The commit of an earlier try may have got through although its answer did not.
        Optional<ModelVersion> published =
            tried ? registry.modelAt(lease.runId(), location) : Optional.empty();
        tried = true;
        return published.isPresent() ? published : registerOnce(lease, location, files, state);
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
      Lease lease, String location, StoredFiles files, TrainerState state)
      throws LeaseLostException {
    return leases.withLease(
        lease,
        run -> {
          if (run.cancelRequested()) {
            return Optional.empty();
          }
          runs.lockModel(run.request().model());
          ModelVersion version =
              publisher.register(
                  new StoredCheckpoint(
                      run.request().model(),
                      run.request().task(),
                      run.id(),
                      lease.token(),
                      state.position().step(),
                      location,
                      files.manifestSha256(),
                      files.bytes(),
                      state.meter().metrics()));
          runs.noteCheckpoint(run);
          log.add(
              run.id(),
              "version %d is published, of step %d".formatted(version.version(), version.step()));
          noteMissingFigures(run, version);
          faults.reach(FaultPoint.IN_TRANSACTION);
          return Optional.of(version);
        });
  }

  /**
   * Which figures a task has is known once it was evaluated; a rule that finds none chooses
   * nothing.
   */
  private void noteMissingFigures(Run run, ModelVersion version) {
    for (String figure : run.request().figuresOfRules()) {
      if (!version.metrics().containsKey(figure)) {
        log.add(
            run.id(),
            "version %d has no figure '%s', which the run's own rules ask for; it has %s"
                .formatted(
                    version.version(),
                    figure,
                    String.join(", ", new TreeSet<>(version.metrics().keySet()))));
      }
    }
  }
}
