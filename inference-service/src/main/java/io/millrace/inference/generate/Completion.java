package io.millrace.inference.generate;

import io.millrace.inference.swap.HeldModel;
import io.millrace.platform.registry.ModelVersion;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A completion being generated: the generating thread puts pieces in, the request's thread takes
 * them out, and a client that goes away stops the generation within a token.
 *
 * <p>The queue holds at most {@code max_tokens} pieces, so a slow client never holds up a thread
 * that computes.
 */
public final class Completion implements AutoCloseable {

  private final HeldModel model;
  private final int promptTokens;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private volatile boolean cancelled;

  Completion(HeldModel model, int promptTokens) {
    this.model = model;
    this.promptTokens = promptTokens;
  }

  /** The version that generates. */
  public ModelVersion version() {
    return model.version();
  }

  /** Tokens of the prompt. */
  public int promptTokens() {
    return promptTokens;
  }

  /** The next piece; texts that wait already come as one. */
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

  /** Lets the version go; to be called when nothing of it is used any more. */
  void release() {
    model.close();
  }

  boolean cancelled() {
    return cancelled;
  }

  /** Nobody wants the rest: generating ends within a token, and a waiting {@link #take()} now. */
  @Override
  public void close() {
    cancelled = true;
    put(new Piece.Failed(new CancellationException("nobody wants the rest")));
  }
}
