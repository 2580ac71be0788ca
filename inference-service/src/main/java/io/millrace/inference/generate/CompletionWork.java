package io.millrace.inference.generate;

import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.language.generate.Generation;
import io.millrace.language.tokenize.TextAssembler;
import io.millrace.platform.error.MillraceException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Generates one completion: the prompt in the first step, then a token a step. */
final class CompletionWork implements Work {
  private final Completion completion;
  private final LanguageRuntime runtime;
  private final CompletionSpec spec;
  private final CompletionMeters meters;
  private final TextAssembler assembler;
  private final StopText stop;
  private final long arrival = System.nanoTime();
  private long lastToken;
  private int tokens;
  private @Nullable Generation generation;
  private volatile @Nullable MillraceException abandoned;

  CompletionWork(
      Completion completion,
      LanguageRuntime runtime,
      CompletionSpec spec,
      CompletionMeters meters) {
    this.completion = completion;
    this.runtime = runtime;
    this.spec = spec;
    this.meters = meters;
    this.assembler = new TextAssembler(runtime.tokenizer());
    this.stop = new StopText(spec.stop());
  }

  @Override
  public boolean advance() {
    try {
      boolean more = step();
      if (!more) {
        end();
      }
      return more;
    } catch (RuntimeException | Error e) {
      completion.put(new Piece.Failed(e));
      end();
      return false;
    }
  }

  @Override
  public void abandon(MillraceException reason) {
    abandoned = reason;
  }

  private boolean step() {
    MillraceException reason = abandoned;
    if (reason != null) {
      throw reason;
    }
    if (completion.cancelled()) {
      meters.cancelled().increment();
      return false;
    }
    Generation going = generation;
    if (going == null) {
      if (!spec.echo().isEmpty()) {
        completion.put(new Piece.Text(spec.echo(), 0));
      }
      generation = runtime.model().start(spec.prompt(), spec.maxTokens(), spec.sampling());
      return true;
    }
    return take(going.next());
  }

  private boolean take(int token) {
    tokens++;
    long now = System.nanoTime();
    if (tokens == 1) {
      meters.firstToken().record(now - arrival, TimeUnit.NANOSECONDS);
    } else {
      meters.interToken().record(now - lastToken, TimeUnit.NANOSECONDS);
    }
    lastToken = now;
    if (token == runtime.tokenizer().endOfDocument()) {
      return finish(Piece.FinishReason.STOP);
    }
    give(stop.add(assembler.add(token)));
    if (stop.found()) {
      return finish(Piece.FinishReason.STOP);
    }
    return tokens < spec.maxTokens() || finish(Piece.FinishReason.LENGTH);
  }

  private boolean finish(Piece.FinishReason reason) {
    Piece.FinishReason last = reason;
    if (!stop.found()) {
      give(stop.add(assembler.finish()));
      if (stop.found()) {
        last = Piece.FinishReason.STOP;
      } else {
        give(stop.flush());
      }
    }
    completion.put(new Piece.End(last, tokens));
    meters.completion().record(System.nanoTime() - arrival, TimeUnit.NANOSECONDS);
    return false;
  }

  private void give(String text) {
    if (!text.isEmpty()) {
      completion.put(new Piece.Text(text, tokens));
    }
  }

  private void end() {
    meters.tokens().increment(tokens);
    try {
      Generation going = generation;
      if (going != null) {
        going.close();
      }
    } finally {
      completion.release();
    }
  }
}
