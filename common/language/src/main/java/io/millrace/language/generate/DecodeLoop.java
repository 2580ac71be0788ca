package io.millrace.language.generate;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Continues the sequences of one model. The loop owns what they need: their caches, the choice of
 * their tokens and the order in which they go on.
 *
 * <p>A step continues the sequence that has waited longest. It reads the prompt or generates a
 * token, and goes on for as long as a draft of the tokens to come was right. Any number of threads
 * may make steps at the same time, each of another sequence.
 */
public final class DecodeLoop {

  private final LanguageModel model;
  private final Drafting drafting;
  private final Queue<Running> waiting = new ConcurrentLinkedQueue<>();

  /**
   * A loop without sequences.
   *
   * @param model open as long as the loop is used
   * @param drafting of all its sequences
   */
  public DecodeLoop(LanguageModel model, Drafting drafting) {
    this.model = model;
    this.drafting = drafting;
  }

  /**
   * Takes what becomes of a sequence. Called by the thread that makes the step; what a method
   * throws fails the sequence.
   */
  public interface Listener {
    /** Asked before every step: whether anybody wants the sequence to go on. */
    boolean wanted();

    /**
     * The next token.
     *
     * @return whether another one is wanted
     */
    boolean accept(int token);

    /** The sequence cannot go on. */
    void fail(Throwable cause);

    /** The sequence has ended, whyever, and its cache is free; the last call. */
    void end();
  }

  /** Takes a sequence on; its first step reads the prompt. */
  public void start(Sequence sequence, Listener listener) {
    waiting.add(new Running(sequence, listener));
  }

  /**
   * Makes a step.
   *
   * @return whether the sequence goes on; if not, a step fewer is needed in every round
   * @throws IllegalStateException if all sequences are in steps already, or there is none
   */
  public boolean step() {
    Running next = waiting.poll();
    if (next == null) {
      throw new IllegalStateException("no sequence waits for a step");
    }
    boolean more = next.advance();
    if (more) {
      waiting.add(next);
    }
    return more;
  }

  private final class Running {
    private final Sequence sequence;
    private final Listener listener;
    private @Nullable Generation generation;

    Running(Sequence sequence, Listener listener) {
      this.sequence = sequence;
      this.listener = listener;
    }

    boolean advance() {
      boolean more = false;
      try {
        more = listener.wanted() && go();
      } catch (RuntimeException | Error e) {
        listener.fail(e);
      } finally {
        if (!more) {
          end();
        }
      }
      return more;
    }

    private boolean go() {
      Generation going = generation;
      if (going == null) {
        generation = model.start(sequence);
        return true;
      }
      int[] draft = drafting.draft(sequence);
      int right = 0;
      while (true) {
        int token = going.next();
        if (!listener.accept(token)) {
          return false;
        }
        if (right == draft.length || draft[right] != token) {
          return true;
        }
        right++;
      }
    }

    private void end() {
      try {
        Generation going = generation;
        if (going != null) {
          going.close();
        }
      } finally {
        listener.end();
      }
    }
  }
}
