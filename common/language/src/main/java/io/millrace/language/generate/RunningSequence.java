package io.millrace.language.generate;

import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A sequence in a {@link DecodeLoop}. Whatever fails is told to its listener and ends it; what its
 * end throws goes into a list, so that others of the step go on.
 *
 * <p>Not for use by several threads at once.
 */
final class RunningSequence {

  private final LanguageModel model;
  private final Sequence sequence;
  private final DecodeLoop.Listener listener;
  private @Nullable Generation generation;
  private int[] draft = {};
  private int right;
  private boolean asDrafted;

  RunningSequence(LanguageModel model, Sequence sequence, DecodeLoop.Listener listener) {
    this.model = model;
    this.sequence = sequence;
    this.listener = listener;
  }

  /** Whether its prompt was read. */
  boolean hasBegun() {
    return generation != null;
  }

  /** What reads and chooses; once it has begun. */
  Generation generation() {
    return Objects.requireNonNull(generation);
  }

  /** Whether anybody wants it to go on. */
  boolean isWanted(List<Throwable> troubles) {
    return attempt(listener::wanted, troubles);
  }

  /** Reads the prompt; false if it ended. */
  boolean begin(List<Throwable> troubles) {
    return attempt(
        () -> {
          generation = model.start(sequence);
          return true;
        },
        troubles);
  }

  /** Guesses the tokens to come; false if it ended. */
  boolean draft(Drafting drafting, List<Throwable> troubles) {
    return attempt(
        () -> {
          draft = drafting.draft(sequence);
          right = 0;
          return true;
        },
        troubles);
  }

  /** Chooses the next token; false if it ended. */
  boolean choose(List<Throwable> troubles) {
    return attempt(
        () -> {
          int token = generation().next();
          asDrafted = right < draft.length && draft[right] == token;
          right++;
          return listener.accept(token);
        },
        troubles);
  }

  /** Whether the token that was chosen last is the one that was guessed. */
  boolean isAsDrafted() {
    return asDrafted;
  }

  /** Ends it for a reason that the listener is told. */
  void fail(Throwable cause, List<Throwable> troubles) {
    collect(() -> listener.fail(cause), troubles);
    end(troubles);
  }

  private boolean attempt(BooleanSupplier action, List<Throwable> troubles) {
    try {
      if (action.getAsBoolean()) {
        return true;
      }
    } catch (RuntimeException | Error e) {
      fail(e, troubles);
      return false;
    }
    end(troubles);
    return false;
  }

  private void end(List<Throwable> troubles) {
    Generation going = generation;
    if (going != null) {
      collect(going::close, troubles);
    }
    collect(listener::end, troubles);
  }

  private static void collect(Runnable action, List<Throwable> troubles) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      troubles.add(e);
    }
  }
}
