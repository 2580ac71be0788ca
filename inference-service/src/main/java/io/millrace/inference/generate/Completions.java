package io.millrace.inference.generate;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.inference.swap.HeldModel;
import io.millrace.inference.swap.Models;
import io.millrace.language.generate.Generation;
import io.millrace.language.tokenize.TextAssembler;
import io.millrace.platform.error.MillraceException;
import java.util.concurrent.TimeUnit;
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

  Completions(Models models, ComputePool pool, MeterRegistry meters) {
    this.models = models;
    this.pool = pool;
    this.meters = meters;
  }

  /**
   * Starts a completion.
   *
   * @param spec makes the checked request for the model that was found
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT or OVERLOADED
   */
  public Completion start(String model, Function<LanguageRuntime, CompletionSpec> spec) {
    HeldModel held = models.acquire(model, LanguageRuntime.class, TASK);
    try {
      LanguageRuntime runtime = (LanguageRuntime) held.runtime();
      CompletionSpec checked = spec.apply(runtime);
      int room = runtime.model().contextLength() - checked.prompt().length;
      if (checked.maxTokens() > room) {
        throw MillraceException.invalid(
            "max_tokens",
            "%d prompt tokens and %d to generate do not fit the model's context of %d tokens"
                .formatted(
                    checked.prompt().length, checked.maxTokens(), runtime.model().contextLength()));
      }
      Completion completion = new Completion(held, checked.prompt().length);
      long arrival = System.nanoTime();
      pool.submit(() -> {
        try (held) {
          generate(model, runtime, checked, completion, arrival);
        } catch (RuntimeException e) {
          completion.put(new Piece.Failed(e));
        }
        return completion;
      });
      return completion;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /** Uses a model's tokenizer. */
  public <T> T withRuntime(String model, Function<LanguageRuntime, T> use) {
    try (HeldModel held = models.acquire(model, LanguageRuntime.class, TASK)) {
      return use.apply((LanguageRuntime) held.runtime());
    }
  }

  private void generate(
      String model,
      LanguageRuntime runtime,
      CompletionSpec spec,
      Completion completion,
      long arrival) {
    TextAssembler assembler = new TextAssembler(runtime.tokenizer());
    StopText stop = new StopText(spec.stop());
    int end = runtime.tokenizer().endOfDocument();
    int tokens = 0;
    Piece.FinishReason reason = Piece.FinishReason.LENGTH;
    try (Generation generation =
        runtime.model().start(spec.prompt(), spec.maxTokens(), spec.sampling())) {
      while (tokens < spec.maxTokens() && !completion.cancelled()) {
        int token = generation.next();
        tokens++;
        if (tokens == 1) {
          timer(InferenceMetric.FIRST_TOKEN, model, arrival);
        }
        if (token == end) {
          reason = Piece.FinishReason.STOP;
          break;
        }
        give(completion, stop.add(assembler.add(token)), tokens);
        if (stop.found()) {
          reason = Piece.FinishReason.STOP;
          break;
        }
      }
    }
    if (!stop.found()) {
      give(completion, stop.add(assembler.finish()) + stop.flush(), tokens);
    }
    completion.put(new Piece.End(reason, tokens));
    meters.counter(InferenceMetric.TOKENS.id(), InferenceMetric.MODEL, model).increment(tokens);
    timer(InferenceMetric.COMPLETION, model, arrival);
  }

  private void timer(InferenceMetric metric, String model, long since) {
    meters
        .timer(metric.id(), InferenceMetric.MODEL, model)
        .record(System.nanoTime() - since, TimeUnit.NANOSECONDS);
  }

  private static void give(Completion completion, String text, int tokens) {
    if (!text.isEmpty()) {
      completion.put(new Piece.Text(text, tokens));
    }
  }
}
