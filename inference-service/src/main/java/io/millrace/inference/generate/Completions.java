package io.millrace.inference.generate;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Generates completions with whatever version of a model serves when they begin. */
@Component
public class Completions {

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
   * @param specs makes the checked request for the model that was found: a choice for each prompt,
   *     at least one
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT, OVERLOADED or UNAVAILABLE
   */
  public Completion start(String model, Function<LanguageRuntime, List<CompletionSpec>> specs) {
    Held<LanguageRuntime> held = models.acquire(model, LanguageRuntime.KIND);
    ComputePool.Place place = null;
    boolean handedOver = false;
    try {
      // The place comes before the checks: encoding a long prompt is work too.
      place = pool.admit();
      Completion completion = new Completion(held, specs.apply(held.runtime()));
      ChoiceQueue queue = new ChoiceQueue(completion, pool, metersOf(held.version().model()));
      handedOver = true;
      queue.start(place);
      return completion;
    } finally {
      if (!handedOver) {
        if (place != null) {
          place.close();
        }
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
    try (Held<LanguageRuntime> held = models.acquire(model, LanguageRuntime.KIND);
        ComputePool.Place _ = pool.admit()) {
      return use.apply(held.runtime());
    }
  }

  private CompletionMeters metersOf(String model) {
    return metersByModel.computeIfAbsent(model, name -> CompletionMeters.of(meters, name));
  }
}
