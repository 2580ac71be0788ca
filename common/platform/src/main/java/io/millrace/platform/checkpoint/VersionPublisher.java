package io.millrace.platform.checkpoint;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes versions of models, in two steps: {@link #store} writes files, their manifest last; {@link
 * #register} writes the registry's row and the event in the caller's transaction. A version is
 * there once that transaction commits. If it does not, {@link #discard} takes the files away.
 *
 * <p>Files of a version lie where no other writer writes. Which version it is, the model's last +
 * 1, is only decided in the transaction.
 */
public final class VersionPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(VersionPublisher.class);

  private final ObjectStore store;
  private final CheckpointFiles files;
  private final ModelRegistry registry;
  private final Outbox outbox;
  private final Topics topics;
  private final Clock clock;

  /** A publisher on a service's store, registry and outbox. */
  public VersionPublisher(
      ObjectStore store,
      CheckpointFiles files,
      ModelRegistry registry,
      Outbox outbox,
      Topics topics,
      Clock clock) {
    this.store = store;
    this.files = files;
    this.registry = registry;
    this.outbox = outbox;
    this.topics = topics;
    this.clock = clock;
  }

  /** Writes the files of a version. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of them, as plain files of an empty directory. */
    void write(Path directory) throws IOException;
  }

  /**
   * Stores the files of a version. If that fails, nothing is left in the staging directory; what is
   * left under the location is for {@link #discard}.
   *
   * @param location object-store prefix that has no checkpoint yet
   * @return what identifies them
   * @throws IOException if the files cannot be written or stored
   * @throws MillraceException ALREADY_EXISTS if the location has a checkpoint
   */
  public StoredFiles store(String location, Content content) throws IOException {
    Path directory = store.newStagingDirectory();
    try {
      content.write(directory);
      return files.publish(location, directory);
    } catch (UncheckedIOException e) {
      deleteStaged(directory);
      throw new IOException(e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      deleteStaged(directory);
      throw e;
    }
  }

  /**
   * Registers stored files as the model's next version and announces it, in the caller's
   * transaction.
   *
   * @throws MillraceException FAILED_PRECONDITION if a later lease of the same run has published
   *     already
   * @throws IllegalStateException without a transaction
   */
  public ModelVersion register(StoredCheckpoint checkpoint) {
    registry.lockModel(checkpoint.model());
    ModelVersion version =
        new ModelVersion(
            checkpoint.model(),
            registry.nextVersion(checkpoint.model()),
            checkpoint.task(),
            checkpoint.runId(),
            checkpoint.fencingToken(),
            checkpoint.step(),
            checkpoint.location(),
            checkpoint.manifestSha256(),
            checkpoint.bytes(),
            checkpoint.metrics(),
            clock.instant());
    registry.publish(version);
    outbox.append(
        topics.checkpoints(), version.model(), EventTypes.CHECKPOINT_PUBLISHED, message(version));
    return version;
  }

  /**
   * Deletes what is stored under a location unless it is a version of the run. Failures are logged
   * and not thrown: this follows another failure, which is the one to report.
   */
  public void discard(String location, String runId) {
    try {
      if (registry.modelAt(runId, location).isEmpty()) {
        files.delete(location);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot delete {}, which was not published: {}", location, e.toString());
    }
  }

  private static void deleteStaged(Path directory) {
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
}
