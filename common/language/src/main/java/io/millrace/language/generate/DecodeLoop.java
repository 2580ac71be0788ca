package io.millrace.language.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Continues the sequences of one model. The loop owns what they need: their caches, the choice of
 * their tokens and the order in which they go on.
 *
 * <p>A step continues the sequences that have waited longest: it reads the prompt of one, or
 * generates a token of each of several in one call of the model, and goes on with those whose draft
 * of the tokens to come was right. Any number of threads may make steps at the same time, each of
 * other sequences.
 *
 * <p>Steps are made in turns. A loop takes as many turns as it has {@code lanes}, or sequences, if
 * those are fewer, and its sequences are spread evenly over them. So a sequence that need not share
 * a lane is computed by itself. One that shares a step gets the same logits but for rounding, about
 * 1e-6 of them in float32, so that its tokens are the same unless two are as likely to that.
 */
public final class DecodeLoop {

  private final LanguageModel model;
  private final Drafting drafting;
  private final int lanes;
  private final int most;
  private final Object lock = new Object();
  private final Deque<RunningSequence> waiting = new ArrayDeque<>();
  private int sequences; // that wait or are in steps
  private int turns; // taken and not given back
  private int steps; // being made

  /**
   * A loop without sequences, each of which is computed by itself.
   *
   * @param model open as long as the loop is used
   * @param drafting of all its sequences
   */
  public DecodeLoop(LanguageModel model, Drafting drafting) {
    this(model, drafting, /* lanes= */ Integer.MAX_VALUE, /* most= */ 1);
  }

  /**
   * A loop without sequences.
   *
   * @param lanes steps that it is worth while to make side by side, at least 1
   * @param most sequences of a step, at least 1; more of them take more turns
   */
  public DecodeLoop(LanguageModel model, Drafting drafting, int lanes, int most) {
    this.model = model;
    this.drafting = drafting;
    this.lanes = lanes;
    this.most = most;
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

  /**
   * Takes a sequence on; its first step reads the prompt.
   *
   * @return whether that takes a turn, see {@link #takeTurn}
   */
  public boolean start(Sequence sequence, Listener listener) {
    synchronized (lock) {
      waiting.add(new RunningSequence(model, sequence, listener));
      sequences++;
      return takeTurn();
    }
  }

  /**
   * Takes a turn if the loop can use one more: whoever does has {@link #step} called, again and
   * again until that says no. To be asked after every step, because lanes may have become free.
   */
  public boolean takeTurn() {
    synchronized (lock) {
      boolean more = turns < useful() && waiting.size() > turns - steps;
      if (more) {
        turns++;
      }
      return more;
    }
  }

  private int useful() {
    return Math.max(Math.min(lanes, sequences), Math.ceilDiv(sequences, most));
  }

  /**
   * Makes a step in a turn.
   *
   * @return whether the turn is to come again
   * @throws IllegalStateException if all sequences are in steps already, or there is none; or if a
   *     listener failed at its end, after which the turn is over
   */
  public boolean step() {
    List<RunningSequence> batch = nextBatch();
    List<RunningSequence> left = new ArrayList<>();
    List<Throwable> troubles = new ArrayList<>();
    try {
      left.addAll(advance(batch, troubles));
    } finally {
      synchronized (lock) {
        steps--;
        sequences -= batch.size() - left.size();
        waiting.addAll(left);
      }
    }
    boolean again = keepTurn(troubles.isEmpty());
    if (!troubles.isEmpty()) {
      throw new IllegalStateException("a listener failed at its end", troubles.getFirst());
    }
    return again;
  }

  /** The sequences that have waited longest: one that must read its prompt, or others. */
  private List<RunningSequence> nextBatch() {
    synchronized (lock) {
      if (waiting.isEmpty()) {
        throw new IllegalStateException("no sequence waits for a step");
      }
      // What leaves at least one to every other turn.
      int share = Math.ceilDiv(waiting.size(), Math.max(1, turns - steps));
      List<RunningSequence> batch = new ArrayList<>();
      do {
        batch.add(waiting.remove());
      } while (batch.size() < Math.min(share, most)
          && batch.getFirst().hasBegun()
          && waiting.element().hasBegun());
      steps++;
      return batch;
    }
  }

  private boolean keepTurn(boolean wanted) {
    synchronized (lock) {
      boolean keeps = wanted && turns <= useful() && waiting.size() >= turns - steps;
      if (!keeps && turns > 0) {
        turns--;
      }
      return keeps;
    }
  }

  /** Those that go on; {@code troubles} is what their ends threw. */
  private List<RunningSequence> advance(List<RunningSequence> batch, List<Throwable> troubles) {
    List<RunningSequence> left = new ArrayList<>();
    List<RunningSequence> now = new ArrayList<>();
    for (RunningSequence each : batch) {
      if (each.isWanted(troubles)) {
        if (each.hasBegun()) {
          now.add(each);
        } else if (each.begin(troubles)) {
          left.add(each);
        }
      }
    }
    now.removeIf(each -> !each.draft(drafting, troubles));
    while (!now.isEmpty()) {
      List<RunningSequence> drafted = new ArrayList<>();
      for (RunningSequence each : read(now, troubles)) {
        if (each.choose(troubles)) {
          (each.isAsDrafted() ? drafted : left).add(each);
        }
      }
      now = drafted;
    }
    return left;
  }

  /** Has the model read what they chose last; none of them goes on if it fails. */
  private List<RunningSequence> read(List<RunningSequence> all, List<Throwable> troubles) {
    try {
      model.readTogether(all.stream().map(RunningSequence::generation).toList());
      return all;
    } catch (RuntimeException | Error e) {
      all.forEach(each -> each.fail(e, troubles));
      return List.of();
    }
  }
}
