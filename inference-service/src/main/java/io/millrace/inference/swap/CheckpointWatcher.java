package io.millrace.inference.swap;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.contracts.events.v1.ModelPromoted;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.EventReader;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.vital.VitalThreads;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Offers promoted versions to the models: it looks into the registry at the start, whenever an
 * event says that there is something new, and now and then.
 *
 * <p>The registry is the truth and an event only a hint to look there, so nothing that is not in
 * the registry is ever loaded, and an event that is lost, late or repeated does no harm. Reading
 * events begins before the first look: whoever publishes commits to the registry first, so nothing
 * falls between the two. While Kafka or the database does not answer, it tries again.
 */
@Component
final class CheckpointWatcher implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWatcher.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(10);

  private final Repeated warnings = new Repeated(LOG);
  private final KafkaClients kafka;
  private final EventCodec codec;
  private final Topics topics;
  private final ModelRegistry registry;
  private final Models models;
  private final ModelsInTraining training;
  private final SwapWorker worker;
  private final ServedVersions served;
  private final InferenceProperties properties;
  private final PublishedTraces traces;
  private final Semaphore news = new Semaphore(0);
  private final VitalThreads vital;
  private @Nullable Thread thread;
  private volatile @Nullable EventReader reader;
  private volatile @Nullable EventReader promotionReader;
  private volatile @Nullable EventReader runReader;
  private volatile @Nullable String failure;
  private volatile boolean running;

  CheckpointWatcher(
      KafkaClients kafka,
      EventCodec codec,
      Topics topics,
      ModelRegistry registry,
      Models models,
      ModelsInTraining training,
      SwapWorker worker,
      ServedVersions served,
      InferenceProperties properties,
      PublishedTraces traces,
      VitalThreads vital) {
    this.kafka = kafka;
    this.codec = codec;
    this.topics = topics;
    this.registry = registry;
    this.models = models;
    this.training = training;
    this.worker = worker;
    this.served = served;
    this.properties = properties;
    this.traces = traces;
    this.vital = vital;
  }

  /** Returns when all models that there are serve, or after a while, if that takes longer. */
  @Override
  public void start() {
    running = true;
    worker.start();
    thread = vital.start(Thread.ofVirtual().name("model-watch"), this::watch);
    long limit = System.nanoTime() + TIMEOUT.toNanos();
    while (!models.isLoaded() && failure == null && System.nanoTime() < limit) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** Lets a version that is being loaded finish. */
  @Override
  public void stop() {
    running = false;
    Thread watching = thread;
    vital.forget(watching);
    try {
      if (watching != null) {
        watching.interrupt();
        watching.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(reader);
    close(promotionReader);
    close(runReader);
    worker.close();
    models.close();
    endServed();
  }

  private void endServed() {
    try {
      served.end();
    } catch (RuntimeException e) {
      LOG.warn("cannot tell the registry that nothing is served any more: {}", e.toString());
    }
  }

  private static void close(@Nullable EventReader reader) {
    if (reader != null) {
      reader.close();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the servers; stopped after they have answered their last request. */
  @Override
  public int getPhase() {
    return 0;
  }

  /** Why new versions are not noticed now; null if they are. */
  @Nullable String failure() {
    EventReader open = reader;
    String now = failure;
    return now != null || open == null ? now : open.failure();
  }

  private void watch() {
    try {
      while (running) {
        Duration pause = look() ? LOOK_EVERY : RETRY;
        if (news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped", e);
    }
  }

  /** Offers all there is; false if that did not work. */
  private boolean look() {
    try {
      if (reader == null) {
        reader =
            EventReader.start(
                kafka,
                codec,
                "inference-checkpoints",
                topics.checkpoints(),
                EventReader.Start.END,
                this::handle);
      }
      if (promotionReader == null) {
        promotionReader =
            EventReader.start(
                kafka,
                codec,
                "inference-promotions",
                topics.promotions(),
                EventReader.Start.END,
                this::handle);
      }
      if (runReader == null) {
        runReader =
            EventReader.start(
                kafka,
                codec,
                "inference-runs",
                topics.runs(),
                EventReader.Start.BEGINNING,
                training::handle);
      }
      Set<String> names = new HashSet<>();
      for (ModelVersion newest : registry.latestModels()) {
        names.add(newest.model());
        if (!properties.serves(newest.task())) {
          models.leaveToOthers(newest.model(), newest.task());
          continue;
        }
        // The last first: the worker begins at once, and it makes the others needless.
        worker.offer(newest.model(), registry.promotions().promotions(newest.model()));
      }
      models.retain(names);
      served.tell();
      models.setKnown();
      failure = null;
      warnings.over();
      return true;
    } catch (RuntimeException | Error e) {
      // Errors too: without this thread no new version is ever noticed.
      if (running) {
        failure = "cannot look for new versions: " + (e instanceof Error ? e : e.getMessage());
        warnings.warn("cannot look for new versions, trying again: " + e, e);
      }
      return false;
    }
  }

  private void handle(ReceivedEvent event) {
    if (event.type().equals(EventTypes.CHECKPOINT_PUBLISHED)) {
      CheckpointPublished published = event.payload(CheckpointPublished.parser());
      LOG.debug("model {} has version {}", published.getModel(), published.getVersion());
      traces.note(published.getModel(), published.getVersion(), event.traceparent());
      news.release();
    } else if (event.type().equals(EventTypes.MODEL_DELETED)
        || event.type().equals(EventTypes.CHECKPOINT_DELETED)) {
      news.release();
    } else if (event.type().equals(EventTypes.MODEL_PROMOTED)) {
      ModelPromoted promoted = event.payload(ModelPromoted.parser());
      traces.note(promoted.getModel(), promoted.getVersion(), event.traceparent());
      news.release();
    }
  }
}
