package io.millrace.standalone.exchange;

import io.millrace.contracts.Topics;
import io.millrace.platform.checkpoint.StoredCheckpoint;
import io.millrace.platform.checkpoint.StoredFiles;
import io.millrace.platform.checkpoint.VersionPublisher;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.topic.SharedTopics;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes versions of models that no run has learned. */
@Component
public class ModelPublisher {
  private static final Duration EVENT_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);

  private final VersionPublisher publisher;
  private final ModelRegistry registry;
  private final Outbox outbox;
  private final Topics topics;
  private final KafkaClients kafka;
  private final TransactionTemplate transactions;

  ModelPublisher(
      VersionPublisher publisher,
      ModelRegistry registry,
      Outbox outbox,
      Topics topics,
      KafkaClients kafka,
      PlatformTransactionManager transactions) {
    this.publisher = publisher;
    this.registry = registry;
    this.outbox = outbox;
    this.topics = topics;
    this.kafka = kafka;
    this.transactions = new TransactionTemplate(transactions);
  }

  /**
   * Publishes a version. Returns when the event is published, or after {@link #EVENT_TIMEOUT}; the
   * registry is the truth.
   *
   * @param replace whether the model may exist already
   * @throws MillraceException FAILED_PRECONDITION if the model is of another task, ALREADY_EXISTS
   *     if there is one that may not be
   * @throws IOException if the files cannot be written; nothing was published
   */
  public ModelVersion publish(
      String model,
      String task,
      Map<String, Double> metrics,
      boolean replace,
      VersionPublisher.Content content)
      throws IOException {
    registry
        .latestModel(model)
        .filter(known -> !known.task().equals(task))
        .ifPresent(known -> {
          throw MillraceException.precondition(
              "model '%s' is of task %s; choose another name".formatted(model, known.task()));
        });
    if (!replace) {
      registry
          .taken(model)
          .ifPresent(taken -> {
            throw new MillraceException(
                ErrorCode.ALREADY_EXISTS, "model '%s' %s already".formatted(model, taken));
          });
    }
    String run = "import-" + UUID.randomUUID();
    String location = "models/%s/%s/0-1".formatted(model, run);
    try {
      StoredFiles files = publisher.store(location, content);
      kafka.ensureTopic(SharedTopics.of(topics).checkpoints());
      StoredCheckpoint stored =
          new StoredCheckpoint(
              model,
              task,
              run,
              /* fencingToken= */ 1,
              /* step= */ 0,
              location,
              files.manifestSha256(),
              files.bytes(),
              metrics);
      ModelVersion published =
          Objects.requireNonNull(
              transactions.execute(status -> publisher.register(stored)), "the version");
      awaitEvents();
      return published;
    } catch (IOException | RuntimeException e) {
      publisher.discard(location, run);
      throw e;
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
}
