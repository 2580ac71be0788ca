package io.millrace.data.prepare;

import io.millrace.contracts.Topics;
import io.millrace.data.DataProperties;
import io.millrace.data.WindowLimits;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.tokenizer.TokenizerSet;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.vital.VitalThreads;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps a preparation running for every dataset that is ready for it and that no other replica
 * prepares: at the start for all that exist, later as they are created or get their tokenizer.
 */
@Component
public class PreparationSupervisor implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(PreparationSupervisor.class);
  private static final Duration ROUND = Duration.ofSeconds(2);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMinutes(5);
  private static final Duration REST_AFTER_BREAK = Duration.ofSeconds(10);

  private final Repeated warnings = new Repeated(LOG);
  private final KafkaClients kafka;
  private final Topics topics;
  private final Registry registry;
  private final DataSource dataSource;
  private final TransformFactory transforms;
  private final ProcessorFactory processors;
  private final DataProperties settings;
  private final MillraceProperties platform;
  private final VitalThreads vital;
  private final PreparationStep.Listener steps;
  private final PreparationObserver observer;
  private final IdlePartitions idle;
  private final Map<String, PartitionWorkers> running = new ConcurrentHashMap<>();
  private final Map<String, Long> restingSince = new ConcurrentHashMap<>();
  private final Map<String, String> failures = new ConcurrentHashMap<>();
  private final Set<String> suspended = ConcurrentHashMap.newKeySet();
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean alive;
  private @Nullable Thread thread;

  /** A supervisor, not yet started. */
  PreparationSupervisor(
      KafkaClients kafka,
      Topics topics,
      Registry registry,
      DataSource dataSource,
      TransformFactory transforms,
      ProcessorFactory processors,
      DataProperties settings,
      MillraceProperties platform,
      VitalThreads vital,
      PreparationStep.Listener steps,
      PreparationObserver observer,
      IdlePartitions idle) {
    this.idle = idle;
    this.kafka = kafka;
    this.topics = topics;
    this.registry = registry;
    this.dataSource = dataSource;
    this.transforms = transforms;
    this.processors = processors;
    this.settings = settings;
    this.platform = platform;
    this.vital = vital;
    this.steps = steps;
    this.observer = observer;
  }

  /** A dataset got its tokenizer: its documents can be prepared now. */
  @EventListener
  void onTokenizer(TokenizerSet set) {
    wake();
  }

  /** Looks at the datasets now rather than at the next round. */
  public void wake() {
    wake.release();
  }

  /** Ends the preparation of a dataset in this process until it is resumed. */
  public void suspend(String dataset) {
    suspended.add(dataset);
    try {
      stopAll(List.of(dataset));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Allows it again. */
  public void resume(String dataset) {
    suspended.remove(dataset);
    wake();
  }

  /** Whether this process prepares a dataset. */
  public boolean prepares(String dataset) {
    return running.containsKey(dataset);
  }

  /** Why the preparation of a dataset does not get on in this process; null if nothing is known. */
  public @Nullable String failure(String dataset) {
    PartitionWorkers preparation = running.get(dataset);
    String failure = preparation == null ? null : preparation.failure();
    return failure == null ? failures.get(dataset) : failure;
  }

  @Override
  public void start() {
    alive = true;
    thread = vital.start(Thread.ofVirtual().name("preparation-supervisor"), SILENCE, this::run);
  }

  @Override
  public void stop() {
    alive = false;
    Thread supervisor = thread;
    thread = null;
    vital.forget(supervisor);
    if (supervisor == null) {
      return;
    }
    wake();
    try {
      supervisor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return alive;
  }

  private void run() {
    try (DatasetLocks locks = new DatasetLocks(dataSource)) {
      while (isRunning()) {
        vital.beat();
        try {
          round(locks);
          warnings.over();
        } catch (SQLException | RuntimeException | Error e) {
          warnings.warn(
              "Cannot supervise the preparations; trying again in %s: %s".formatted(ROUND, e), e);
        }
        wake.tryAcquire(ROUND.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
      }
      stopAll(List.copyOf(running.keySet()));
    } catch (InterruptedException e) {
      running.values().forEach(PartitionWorkers::requestStop);
    }
  }

  private void round(DatasetLocks locks) throws SQLException, InterruptedException {
    List<DatasetEntry> datasets = registry.datasets();
    // Gone too is one that was changed, or that another replica deleted and made again since.
    List<String> gone =
        running.entrySet().stream()
            .filter(one ->
                suspended.contains(one.getKey())
                    || datasets.stream().noneMatch(one.getValue()::prepares))
            .map(Map.Entry::getKey)
            .toList();
    stopAll(gone);
    for (String name : gone) {
      locks.release(name);
    }
    failures.keySet().removeIf(name -> datasets.stream().noneMatch(d -> d.name().equals(name)));
    for (DatasetEntry dataset : datasets) {
      if (transforms.isReady(dataset) && !suspended.contains(dataset.name())) {
        ensureRunning(dataset, locks);
      }
    }
  }

  private void ensureRunning(DatasetEntry dataset, DatasetLocks locks)
      throws SQLException, InterruptedException {
    String name = dataset.name();
    PartitionWorkers preparation = running.get(name);
    if (preparation != null && preparation.broken()) {
      String failure = preparation.failure();
      failures.put(name, failure == null ? "a worker ended" : failure);
      stopAll(List.of(name));
      locks.release(name);
      restingSince.put(name, System.nanoTime());
      return;
    }
    Long resting = restingSince.get(name);
    if (resting != null && System.nanoTime() - resting < REST_AFTER_BREAK.toNanos()) {
      return;
    }
    restingSince.remove(name);
    if (!locks.tryHold(name)) {
      // Either another replica's, or the connection that held our lock broke.
      stopAll(running.containsKey(name) ? List.of(name) : List.of());
      return;
    }
    if (preparation == null) {
      try {
        running.put(name, begin(dataset));
        failures.remove(name);
      } catch (IOException | RuntimeException | Error e) {
        failures.put(name, e.toString());
        LOG.error("Cannot begin to prepare {}", name, e);
      }
    }
  }

  private PartitionWorkers begin(DatasetEntry dataset) throws IOException {
    DatasetTopics names = DatasetTopics.of(topics, dataset);
    WindowProcessor<?> processor = processors.processor(dataset);
    WindowLimits limits = settings.window();
    int documents = processor.most(limits);
    String name = dataset.name();
    RejectionLetters letters =
        new RejectionLetters(names, platform.kafka().maxMessageSize().toBytes());
    return PartitionWorkers.start(
        dataset,
        names.documents(),
        kafka.partitions(names.documents()),
        (partition, onCaughtUp) -> {
          requireUnchanged(dataset);
          return new PartitionWorker(
              kafka,
              names,
              name,
              partition,
              processor,
              letters,
              documents,
              limits,
              steps,
              observer,
              onCaughtUp,
              settings.restAfter());
        },
        idle,
        failure -> failure instanceof KafkaException ? kafka.reason(failure) : failure.toString());
  }

  /** Another replica may have changed the dataset, or deleted it and made it again since. */
  private void requireUnchanged(DatasetEntry dataset) {
    boolean still =
        registry
            .dataset(dataset.name())
            .filter(now ->
                now.createdAt().equals(dataset.createdAt())
                    && now.intake().equals(dataset.intake()))
            .isPresent();
    if (!still) {
      throw new IllegalStateException("dataset '" + dataset.name() + "' was deleted or changed");
    }
  }

  private void stopAll(List<String> names) throws InterruptedException {
    List<PartitionWorkers> stopping =
        names.stream().map(running::remove).filter(java.util.Objects::nonNull).toList();
    stopping.forEach(PartitionWorkers::requestStop);
    for (PartitionWorkers preparation : stopping) {
      preparation.awaitStopped(STOP_TIMEOUT);
    }
  }
}
