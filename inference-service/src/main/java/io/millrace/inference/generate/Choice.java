package io.millrace.inference.generate;

import io.millrace.inference.compute.ComputePool.Place;
import io.millrace.language.generate.DecodeLoop;
import io.millrace.language.generate.Sequence;
import io.millrace.language.tokenize.TextAssembler;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** One choice of a completion: makes text of its tokens and finds its end. */
final class Choice implements DecodeLoop.Listener {
  private final Completion completion;
  private final int index;
  private final CompletionSpec spec;
  private final Place place;
  private final CompletionMeters meters;
  private final Runnable ended;
  private final int endOfDocument;
  private final TextAssembler assembler;
  private final StopText stop;
  private final long arrival;
  private long lastToken;
  private int tokens;

  /**
   * @param place in which it is generated
   * @param arrival of the request, by {@link System#nanoTime}
   * @param ended called when nothing of the choice is in use any more
   */
  Choice(
      Completion completion,
      int index,
      Place place,
      CompletionMeters meters,
      long arrival,
      Runnable ended) {
    this.completion = completion;
    this.index = index;
    this.spec = completion.spec(index);
    this.place = place;
    this.meters = meters;
    this.arrival = arrival;
    this.ended = ended;
    this.endOfDocument = completion.runtime().tokenizer().endOfDocument();
    this.assembler = new TextAssembler(completion.runtime().tokenizer());
    this.stop = new StopText(spec.stop());
  }

  /** What the loop continues. */
  Sequence sequence() {
    return new Sequence(
        spec.prompt(), spec.maxTokens(), spec.sampling(), completion.runtime().vocabulary());
  }

  /** Gives out what comes before the completion. */
  void begin() {
    give(spec.echo());
  }

  @Override
  public boolean wanted() {
    place.requireTime();
    return switch (completion.state()) {
      case WANTED -> true;
      case FAILED -> false;
      case CANCELLED -> {
        meters.cancelled().increment();
        yield false;
      }
    };
  }

  @Override
  public boolean accept(int token) {
    tokens++;
    long now = System.nanoTime();
    if (tokens == 1) {
      meters.firstToken().record(now - arrival, TimeUnit.NANOSECONDS);
    } else {
      meters.interToken().record(now - lastToken, TimeUnit.NANOSECONDS);
    }
    lastToken = now;
    if (token == endOfDocument || Arrays.stream(spec.ends()).anyMatch(end -> end == token)) {
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
    completion.put(new Piece.End(index, last, tokens));
    meters.completion().record(System.nanoTime() - arrival, TimeUnit.NANOSECONDS);
    return false;
  }

  private void give(String text) {
    if (!text.isEmpty()) {
      completion.put(new Piece.Text(index, text, tokens));
    }
  }

  @Override
  public void fail(Throwable cause) {
    completion.fail(cause);
  }

  @Override
  public void end() {
    meters.tokens().increment(tokens);
    ended.run();
  }
}
