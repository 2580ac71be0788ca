package io.millrace.inference.generate;

import io.millrace.inference.swap.Held;
import io.millrace.platform.error.ClientGoneException;
import io.millrace.platform.registry.ModelVersion;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A completion being generated, of one prompt or of several, a choice for each: generating threads
 * put pieces in, the request's thread takes them out, and a client that goes away stops all choices
 * within a token.
 *
 * <p>The queue holds at most {@code max_tokens} pieces of each choice, so a slow client never holds
 * up a thread that computes.
 */
public final class Completion implements AutoCloseable {

  private final Held<LanguageRuntime> model;
  private final List<CompletionSpec> choices;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private volatile State state = State.WANTED;

  /** Whether choices go on. */
  enum State {
    /** They do. */
    WANTED,
    /** One of them failed, so nobody gets the others. */
    FAILED,
    /** Nobody waits for them. */
    CANCELLED
  }

  Completion(Held<LanguageRuntime> model, List<CompletionSpec> choices) {
    this.model = model;
    this.choices = List.copyOf(choices);
  }

  /** The version that generates. */
  public ModelVersion version() {
    return model.version();
  }

  /** How many choices there are; every one ends with a {@link Piece.End} of its own. */
  public int choices() {
    return choices.size();
  }

  /** Tokens of all prompts. */
  public int promptTokens() {
    return choices.stream().mapToInt(choice -> choice.prompt().length).sum();
  }

  /** The next piece; texts of a choice that wait already come as one. */
  public Piece take() throws InterruptedException {
    Piece piece = pieces.take();
    for (Piece more = pieces.peek(); more != null; more = pieces.peek()) {
      Piece.@Nullable Text joined = Piece.joined(piece, more);
      if (joined == null) {
        return piece;
      }
      pieces.remove();
      piece = joined;
    }
    return piece;
  }

  void put(Piece piece) {
    pieces.add(piece);
  }

  void fail(Throwable cause) {
    if (state == State.WANTED) {
      state = State.FAILED;
    }
    put(new Piece.Failed(cause));
  }

  CompletionSpec spec(int choice) {
    return choices.get(choice);
  }

  LanguageRuntime runtime() {
    return model.runtime();
  }

  State state() {
    return state;
  }

  /** Lets the version go; to be called when nothing of it is used any more. */
  void release() {
    model.close();
  }

  /** Nobody wants the rest: generating ends within a token, and a waiting {@link #take()} now. */
  @Override
  public void close() {
    state = State.CANCELLED;
    put(new Piece.Failed(new ClientGoneException()));
  }
}
