package io.millrace.inference.swap;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.EventReader;
import io.millrace.platform.event.MalformedEventException;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Registry;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Follows what is published: at the start the registry is the truth, then every event names a
 * version to swap in. One thread loads; of several versions of a model that wait, only the newest
 * is loaded.
 */
@Component
class SwapLoop implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(SwapLoop.class);

  private final Registry registry;
  private final KafkaClients kafka;
  private final EventCodec codec;
  private final Topics topics;
  private final Swapper swapper;
  private final Models models;
  private final Map<String, ModelVersion> waiting = new LinkedHashMap<>();
  private final CountDownLatch reconciled = new CountDownLatch(1);
  private @Nullable EventReader reader;
  private @Nullable Thread thread;
  private volatile boolean running;

  SwapLoop(
      Registry registry,
      KafkaClients kafka,
      EventCodec codec,
      Topics topics,
      Swapper swapper,
      Models models) {
    this.registry = registry;
    this.kafka = kafka;
    this.codec = codec;
    this.topics = topics;
    this.swapper = swapper;
    this.models = models;
  }

  @Override
  public void start() {
    running = true;
    // The reader first: what is published while the registry is read comes as an event too.
    reader =
        EventReader.start(
            kafka,
            codec,
            "inference-checkpoints",
            topics.checkpoints(),
            EventReader.Start.END,
            this::onEvent);
    thread = Thread.ofPlatform().name("model-swap").start(this::run);
  }

  /** Whether all models of the registry were loaded, or refused, since the start. */
  boolean isReconciled() {
    return reconciled.getCount() == 0;
  }

  /** Why events are not read; null while they are. */
  @Nullable String failure() {
    EventReader now = reader;
    return now == null ? null : now.failure();
  }

  private void onEvent(ReceivedEvent event) {
    if (!event.type().equals(EventTypes.CHECKPOINT_PUBLISHED)) {
      return;
    }
    CheckpointPublished published = event.payload(CheckpointPublished.parser());
    ModelVersion version =
        registry
            .model(published.getModel(), published.getVersion())
            .orElseThrow(() ->
                new MalformedEventException(
                    "model '%s' version %d is not in the registry"
                        .formatted(published.getModel(), published.getVersion())));
    synchronized (waiting) {
      waiting.merge(version.model(), version, (a, b) -> a.version() >= b.version() ? a : b);
      waiting.notifyAll();
    }
  }

  private void run() {
    try {
      reconcile();
      while (running) {
        swapper.swapIn(next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Loads the newest version of every model, or the newest that is not refused. */
  private void reconcile() {
    for (ModelVersion newest : registry.latestModels()) {
      registry.models(newest.model()).stream()
          .sorted(Comparator.comparingInt(ModelVersion::version).reversed())
          .filter(version -> !running || swapper.swapIn(version))
          .findFirst()
          .ifPresentOrElse(
              version ->
                  LOG.info("model {} starts with version {}", version.model(), version.version()),
              () -> LOG.warn("model {} has no version that can serve", newest.model()));
    }
    reconciled.countDown();
  }

  private ModelVersion next() throws InterruptedException {
    synchronized (waiting) {
      while (waiting.isEmpty()) {
        waiting.wait();
      }
      String model = waiting.keySet().iterator().next();
      ModelVersion version = waiting.remove(model);
      if (version == null) {
        throw new IllegalStateException("the version of " + model + " vanished");
      }
      return version;
    }
  }

  @Override
  public void stop() {
    running = false;
    EventReader open = reader;
    if (open != null) {
      open.close();
    }
    Thread loading = thread;
    if (loading != null) {
      loading.interrupt();
      try {
        loading.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    models.close();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the web server starts, and after it has answered its last request. */
  @Override
  public int getPhase() {
    return 0;
  }
}
