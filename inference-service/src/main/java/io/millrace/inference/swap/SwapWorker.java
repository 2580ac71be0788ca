package io.millrace.inference.swap;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.millrace.platform.vital.VitalThreads;
import io.millrace.tensor.engine.TensorEngine;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Loads what slots were offered, on a thread of its own, one version at a time.
 *
 * <p>What it makes of a version takes effect before it is written to the log: a database that is
 * down delays the log, not the swap. Entries that were not written when the process ends are lost;
 * at the next start the version is loaded, and logged, anew.
 */
@Component
final class SwapWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwapWorker.class);
  private static final Duration LOG_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  /** In the time after which a model is unloaded. */
  private static final int LOOKS_FOR_UNUSED = 4;

  private final Models models;
  private final CandidateLoader loader;
  private final SwapLog log;
  private final MeterRegistry meters;
  private final Traces traces;
  private final PublishedTraces published;
  private final InferenceProperties properties;
  private final ServedVersions served;
  private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final Set<String> wanted = ConcurrentHashMap.newKeySet();
  private final UnwrittenEntries unlogged = new UnwrittenEntries();
  private final VitalThreads vital;
  private @Nullable Thread thread;
  private volatile @Nullable String failure;
  private volatile boolean closed;

  /** Takes up no work before {@link #start()}. */
  SwapWorker(
      Models models,
      CandidateLoader loader,
      SwapLog log,
      MeterRegistry meters,
      Traces traces,
      PublishedTraces published,
      InferenceProperties properties,
      ServedVersions served,
      FreedMemory memory,
      VitalThreads vital) {
    this.models = models;
    this.loader = loader;
    this.log = log;
    this.meters = meters;
    this.traces = traces;
    this.published = published;
    this.properties = properties;
    this.served = served;
    this.vital = vital;
    models.whenWanted(this::loadWanted);
    // The last user of a version may let go of it long after the swap, on a thread that others wait
    // for.
    models.whenFreed(() -> work.add(memory::giveBack));
  }

  void start() {
    thread = vital.start(Thread.ofPlatform().name("model-swap").daemon(), this::run);
  }

  /**
   * Makes a model's promotions known; the last is loaded soon if it came after what serves. A model
   * without any is known, and vacant.
   *
   * @param promotions all of versions that are there, the last first
   */
  void offer(String model, List<Promotion> promotions) {
    ModelSlot slot = models.slot(model);
    if (promotions.isEmpty()) {
      return;
    }
    slot.retain(
        promotions.stream()
            .map(promotion -> promotion.version().version())
            .collect(Collectors.toSet()));
    promotions.forEach(promotion -> offer(slot, promotion));
  }

  private void offer(ModelSlot slot, Promotion promotion) {
    String model = slot.model();
    // From zero: the first increase of a counter that appears with it is lost to rate().
    InferenceMetric.SWAPS.counter(meters, model);
    InferenceMetric.REJECTIONS.counter(meters, model);
    if (slot.offer(promotion)) {
      wake(slot);
    }
  }

  /** Looks at a slot again, soon. */
  private void wake(ModelSlot slot) {
    work.add(() -> loadAll(slot));
  }

  /** Loads what somebody asks for; one load for all who do. */
  private void loadWanted(ModelSlot slot) {
    if (wanted.add(slot.model())) {
      work.add(() -> {
        wanted.remove(slot.model());
        loadAll(slot);
        slot.giveUp();
      });
    }
  }

  /** What went wrong in the last round that nobody foresaw; null if nothing did. */
  @Nullable String failure() {
    return failure;
  }

  /** Stops after the version in hand. */
  @Override
  public void close() {
    closed = true;
    work.add(() -> LOG.debug("closed"));
    Thread swapping = thread;
    vital.forget(swapping);
    if (swapping == null) {
      return;
    }
    try {
      swapping.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    TensorEngine.enterThread(1);
    while (!closed) {
      try {
        Runnable task = nextTask();
        if (task != null) {
          task.run();
        }
        unloadUnused();
        unlogged.write();
        failure = null;
      } catch (InterruptedException e) {
        LOG.warn("interrupted by nobody we know, going on", e);
      } catch (RuntimeException | Error e) {
        // Whatever it is, the next version may load, and without this thread none ever does.
        failure = "trouble while swapping: " + e;
        LOG.error("{}, going on", failure, e);
      }
    }
  }

  private @Nullable Runnable nextTask() throws InterruptedException {
    if (!unlogged.isEmpty() || failure != null) {
      return work.poll(LOG_RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return properties.unloads()
        ? work.poll(
            properties.unloadAfter().dividedBy(LOOKS_FOR_UNUSED).toMillis(), TimeUnit.MILLISECONDS)
        : work.take();
  }

  private void unloadUnused() {
    if (properties.unloads() && !closed) {
      models.unloadUnused(properties.unloadAfter());
    }
  }

  private void loadAll(ModelSlot slot) {
    Promotion candidate = closed ? null : slot.next();
    while (candidate != null) {
      load(slot, candidate);
      candidate = closed ? null : slot.next();
    }
  }

  private void load(ModelSlot slot, Promotion promotion) {
    ModelVersion candidate = promotion.version();
    try (TracedSpan span = traces.begin("swap model", SpanKind.CONSUMER, published.of(candidate))) {
      span.tag("millrace.model", candidate.model()).tag("millrace.version", candidate.version());
      load(slot, promotion, span);
    }
  }

  private void load(ModelSlot slot, Promotion promotion, TracedSpan span) {
    ModelVersion candidate = promotion.version();
    long from = System.nanoTime();
    boolean replaces = slot.serves();
    try {
      LoadedModel loaded = loader.load(candidate);
      Duration took = Duration.ofNanos(System.nanoTime() - from);
      if (slot.serve(loaded)) {
        LOG.info(
            "model {}: version {} (step {}, {}) serves after {} ms",
            candidate.model(),
            candidate.version(),
            candidate.step(),
            shortDigest(candidate),
            took.toMillis());
        if (replaces) {
          InferenceMetric.SWAPS.counter(meters, candidate.model()).increment();
        }
        InferenceMetric.LOAD.timer(meters, candidate.model()).record(took);
        unlogged.add(served::tell);
        unlogged.add(() -> log.serving(candidate, millis(took), slot.status().swapPauseMsMax()));
      }
    } catch (LoadException e) {
      span.failed(e.reason());
      boolean hopeless =
          switch (e.kind()) {
            case UNFIT -> true;
            case MISSING -> slot.troubledFor(candidate).compareTo(properties.missing()) >= 0;
            case TROUBLE -> false;
          };
      if (hopeless) {
        refuse(slot, candidate, e, Duration.ofNanos(System.nanoTime() - from));
      } else {
        postpone(slot, promotion, e);
      }
    }
  }

  private void refuse(ModelSlot slot, ModelVersion candidate, LoadException why, Duration spent) {
    slot.refuse(new ModelStatus.Rejection(candidate.version(), why.reason()));
    LOG.warn(
        "model {}: version {} is refused, {}: {}",
        candidate.model(),
        candidate.version(),
        stays(slot),
        why.reason(),
        why.getCause());
    InferenceMetric.REJECTIONS.counter(meters, candidate.model()).increment();
    unlogged.add(() -> log.rejected(candidate, why.reason(), millis(spent)));
  }

  private void postpone(ModelSlot slot, Promotion promotion, LoadException why) {
    ModelVersion candidate = promotion.version();
    Duration pause = properties.retry().multipliedBy(1L << Math.min(slot.tries(candidate), 20));
    Duration bounded = pause.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : pause;
    slot.postpone(promotion, why.reason(), bounded);
    LOG.warn(
        "model {}: version {} is tried again in {} ms, {}: {}",
        candidate.model(),
        candidate.version(),
        bounded.toMillis(),
        stays(slot),
        why.reason(),
        why.getCause());
    CompletableFuture.delayedExecutor(bounded.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> wake(slot));
  }

  private static String stays(ModelSlot slot) {
    ModelVersion serving = slot.serves() ? slot.status().serving() : null;
    return serving == null ? "none serves" : "version " + serving.version() + " stays";
  }

  private static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }

  private static String shortDigest(ModelVersion version) {
    String digest = version.manifestSha256();
    return digest.substring(0, Math.min(12, digest.length()));
  }
}
