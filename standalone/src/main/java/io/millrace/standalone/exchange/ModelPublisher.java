package io.millrace.standalone.exchange;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes versions of models that no run has learned. */
@Component
public class ModelPublisher {
  private static final Duration EVENT_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);

  private final ObjectStore store;
  private final CheckpointFiles files;
  private final ModelRegistry registry;
  private final Outbox outbox;
  private final Topics topics;
  private final KafkaClients kafka;
  private final Clock clock;
  private final TransactionTemplate transactions;

  ModelPublisher(
      ObjectStore store,
      CheckpointFiles files,
      ModelRegistry registry,
      Outbox outbox,
      Topics topics,
      KafkaClients kafka,
      Clock clock,
      PlatformTransactionManager transactions) {
    this.store = store;
    this.files = files;
    this.registry = registry;
    this.outbox = outbox;
    this.topics = topics;
    this.kafka = kafka;
    this.clock = clock;
    this.transactions = new TransactionTemplate(transactions);
  }

  /** Writes the files of a version into an empty directory. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of them. */
    void write(Path directory) throws IOException;
  }

  /**
   * Publishes a version: files, manifest last, then registry row and event in one transaction.
   * Returns when the event is published, or after {@link #EVENT_TIMEOUT}; the registry is the
   * truth.
   *
   * @throws MillraceException FAILED_PRECONDITION if the model is of another task
   * @throws IOException if the files cannot be written; nothing was published
   */
  public ModelVersion publish(
      String model, String task, Map<String, Double> metrics, Content content) throws IOException {
    registry
        .latestModel(model)
        .filter(known -> !known.task().equals(task))
        .ifPresent(known -> {
          throw MillraceException.precondition(
              "model '%s' is of task %s; choose another name".formatted(model, known.task()));
        });
    String run = "import-" + UUID.randomUUID();
    String location = "models/%s/%s/0-1".formatted(model, run);
    String manifest = store(location, content);
    kafka.ensureTopic(TopicSpec.compacted(topics.checkpoints(), 1));
    ModelVersion published =
        transactions.execute(status -> {
          ModelVersion version =
              new ModelVersion(
                  model,
                  registry.nextVersion(model),
                  task,
                  run,
                  /* fencingToken= */ 1,
                  /* step= */ 0,
                  location,
                  manifest,
                  metrics,
                  clock.instant());
          registry.publish(version);
          outbox.append(
              topics.checkpoints(), model, EventTypes.CHECKPOINT_PUBLISHED, message(version));
          return version;
        });
    awaitEvents();
    return published;
  }

  /** Stores the files of a version, all of them or none; its location is new. */
  private String store(String location, Content content) throws IOException {
    Path directory = store.newStagingDirectory();
    try {
      content.write(directory);
      return files.publish(location, directory);
    } catch (UncheckedIOException e) {
      discard(location, directory, e);
      throw new IOException(e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      discard(location, directory, e);
      throw e;
    }
  }

  private void discard(String location, Path directory, Exception reason) {
    try {
      for (ObjectStore.ObjectInfo stored : store.list(location)) {
        store.delete(stored.key());
      }
      try (Stream<Path> staged = Files.list(directory)) {
        for (Path file : staged.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private void awaitEvents() {
    long deadline = System.nanoTime() + EVENT_TIMEOUT.toNanos();
    try {
      while (outbox.pending() > 0 && System.nanoTime() < deadline) {
        Thread.sleep(POLL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
