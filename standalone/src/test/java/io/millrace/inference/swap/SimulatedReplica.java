package io.millrace.inference.swap;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceProperties;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.trace.Traces;
import io.millrace.platform.vital.VitalThreads;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** A replica's process that serves one model. */
public final class SimulatedReplica implements AutoCloseable {
  private static final long POLL_NANOS = 20_000;

  private final String model;
  private final ModelRegistry registry;
  private final Models models;
  private final SwapWorker worker;

  /** A replica that has looked nowhere yet. */
  public SimulatedReplica(GenericApplicationContext beans, String model) {
    this.model = model;
    this.registry = beans.getBean(ModelRegistry.class);
    this.models = new Models(new ModelsInTraining(), registry);
    this.worker =
        new SwapWorker(
            models,
            beans.getBean(CandidateLoader.class),
            beans.getBean(SwapLog.class),
            beans.getBean(MeterRegistry.class),
            Traces.none(),
            new PublishedTraces(),
            beans.getBean(InferenceProperties.class),
            new ServedVersions(models, registry, beans.getBean(TransactionTemplate.class)),
            // Looking through all of a process's memory for a few tokens takes longer than a story.
            () -> {},
            new VitalThreads());
    models.setKnown();
    worker.start();
  }

  /** Registers what replicas share. */
  public static void register(GenericApplicationContext beans) {
    beans.registerBean(SwapLog.class);
    beans.registerBean(CandidateLoader.class);
    beans.registerBean(ModelsInTraining.class);
    beans.registerBean(Models.class);
  }

  /** Looks into the registry, as an event makes it, and loads what is to serve. */
  public void look() {
    worker.offer(model, registry.promotions().promotions(model));
    while (!models.isLoaded()) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** What serves; null if nothing does. */
  public @Nullable ModelVersion serving() {
    return models.find(model).map(ModelStatus::serving).orElse(null);
  }

  /** What it is served by; null if nothing serves. */
  public @Nullable ModelRuntime runtime() {
    try (SwapHolder.Lease<LoadedModel> held = models.slot(model).acquire()) {
      return held == null ? null : held.value().runtime();
    }
  }

  @Override
  public void close() {
    worker.close();
    models.close();
  }
}
