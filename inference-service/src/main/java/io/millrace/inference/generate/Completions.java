package io.millrace.inference.generate;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.inference.swap.HeldModel;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Generates completions with whatever version of a model serves when they begin. */
@Component
public class Completions {

  /** Task of the models that complete. */
  public static final String TASK = "language";

  private final Models models;
  private final ComputePool pool;
  private final MeterRegistry meters;
  private final Map<String, CompletionMeters> metersByModel = new ConcurrentHashMap<>();

  Completions(Models models, ComputePool pool, MeterRegistry meters) {
    this.models = models;
    this.pool = pool;
    this.meters = meters;
  }

  /**
   * Starts a completion.
   *
   * @param spec makes the checked request for the model that was found
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT, OVERLOADED or UNAVAILABLE
   */
  public Completion start(String model, Function<LanguageRuntime, CompletionSpec> spec) {
    HeldModel held = models.acquire(model, LanguageRuntime.class, TASK);
    boolean handedOver = false;
    // The place comes before the checks: encoding a long prompt is work too.
    try (ComputePool.Place place = pool.admit()) {
      LanguageRuntime runtime = (LanguageRuntime) held.runtime();
      CompletionSpec checked = spec.apply(runtime);
      Completion completion = new Completion(held, checked.prompt().length);
      place.start(new CompletionWork(completion, runtime, checked, metersOf(model)));
      handedOver = true;
      return completion;
    } finally {
      if (!handedOver) {
        held.close();
      }
    }
  }

  /**
   * Uses a model's tokenizer, on the calling thread but in a place of the pool.
   *
   * @throws MillraceException NOT_FOUND, OVERLOADED or UNAVAILABLE
   */
  public <T> T withRuntime(String model, Function<LanguageRuntime, T> use) {
    try (HeldModel held = models.acquire(model, LanguageRuntime.class, TASK);
        ComputePool.Place _ = pool.admit()) {
      return use.apply((LanguageRuntime) held.runtime());
    }
  }

  private CompletionMeters metersOf(String model) {
    return metersByModel.computeIfAbsent(model, name -> CompletionMeters.of(meters, name));
  }
}
